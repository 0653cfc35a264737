import type { OidcRequest } from '../../core/token/oidc-request';
import type { Connection } from './connection';
import { codeOf } from './refusal-exception';
import { authorizationIn, openedBy } from './authorization-lines';

/** A place in an operation, as GraphQL has it. */
export interface OperationPath {
  readonly prev: OperationPath | undefined;
}

/** A GraphQL operation as the servers for Nest pass it to resolvers. */
export interface GraphqlCall {
  /** The object shared by all resolvers of the operation. */
  readonly carrier: object;
  /** Carries the token. For a subscription over a WebSocket: the opening request, with the connection parameters. */
  readonly request: OidcRequest;
  /** The HTTP request, which also receives the principal. */
  readonly holder: { user?: unknown };
  readonly response?: unknown;
  /** The connection of subscriptions; absent if there is none. */
  readonly connection?: Connection | undefined;
  /** The place in the operation: a list from the field to the root, with one object for each place. */
  readonly path?: OperationPath | undefined;
}

/** The part of the context of Apollo and Mercurius that is read. */
interface OperationContext {
  readonly req?: (OidcRequest & { readonly res?: unknown } & SubscriptionContext) | undefined;
  readonly res?: unknown;
  readonly request?: OidcRequest | undefined;
  readonly reply?: { readonly request?: OidcRequest | undefined } | undefined;
  /** The connection parameters, in Mercurius. */
  readonly _connectionInit?: unknown;
}

/** The connection, in graphql-ws. */
interface SubscriptionContext {
  readonly extra?: { readonly request?: OidcRequest; readonly socket?: ClosableSocket } | undefined;
  readonly connectionParams?: unknown;
}

interface ClosableSocket {
  on(event: string, listener: () => void): unknown;
  close(code: number, reason: string): unknown;
}

/** The TCP connection of a request. */
interface RawSocket {
  on(event: string, listener: () => void): unknown;
  destroy(): unknown;
}

/** Tells a client of graphql-ws to come back with another token. */
const FORBIDDEN = 4403;

/** @param args the arguments of a resolver. */
export function graphqlCall(args: readonly unknown[]): GraphqlCall | undefined {
  // A reference resolver has no arguments of a field: [reference, context, info].
  const [context, info] = args.slice(args.length === 3 ? 1 : 2);
  if (typeof context !== 'object' || context === null) {
    return undefined;
  }
  const call = graphqlWsCall(context) ?? mercuriusSubscription(context) ?? httpCall(context);
  return call && { ...call, path: (info as { readonly path?: OperationPath } | undefined)?.path };
}

/** The context of graphql-ws, or `req` of it, where Nest's Apollo driver puts it. */
function graphqlWsCall(context: OperationContext & SubscriptionContext): GraphqlCall | undefined {
  const subscription = context.extra?.request === undefined ? context.req : context;
  const { request, socket } = subscription?.extra ?? {};
  if (subscription === undefined || request === undefined) {
    return undefined;
  }
  return {
    carrier: context,
    request: openedBy(request, authorizationIn(subscription.connectionParams)),
    holder: request,
    connection: socket && { key: socket, end: (refusal) => socket.close(FORBIDDEN, codeOf(refusal) ?? '') },
  };
}

/** Mercurius copies the connection parameters into headers, and keeps the lines of the request. */
function mercuriusSubscription(context: OperationContext): GraphqlCall | undefined {
  const request = context.request ?? context.reply?.request;
  if (!('_connectionInit' in context) || request === undefined) {
    return undefined;
  }
  const { _connectionInit: opening } = context;
  const nested = typeof opening === 'object' && opening !== null && 'headers' in opening ? opening.headers : undefined;
  // Mercurius does not expose the WebSocket.
  return {
    carrier: context,
    request: openedBy(request, [...authorizationIn(opening), ...authorizationIn(nested)]),
    holder: request,
    connection: cutting(request),
  };
}

function httpCall(context: OperationContext): GraphqlCall | undefined {
  const { req, res, request, reply } = context;
  const base = req ?? request ?? reply?.request;
  return (
    base && {
      carrier: context,
      request: base,
      holder: base,
      response: res ?? reply ?? req?.res,
      connection: isUpgrade(base) ? cutting(base) : undefined,
    }
  );
}

/** Whether a request opened a WebSocket. Then a context function of the application has left out the connection. */
function isUpgrade({ headers, method }: OidcRequest): boolean {
  const { upgrade, connection } = headers ?? {};
  // Any request may have one of these headers, and its connection may be a proxy's, shared by many callers.
  return method === 'GET' && /^websocket$/i.test(String(upgrade)) && /\bupgrade\b/i.test(String(connection));
}

/** The connection of a request, which can be cut. */
function cutting(request: OidcRequest): Connection | undefined {
  const { raw, socket = raw?.socket } = request as {
    readonly raw?: { socket?: RawSocket };
    readonly socket?: RawSocket;
  };
  return socket && { key: socket, end: () => void socket.destroy() };
}
