import { headersOf, type OidcRequest } from '../../core/token/oidc-request';
import type { Connection } from './connection';
import { codeOf } from './refusal-exception';
import { authorizationIn, authorizationLinesOf, withAuthorization } from './authorization-lines';

/** A place in an operation, as GraphQL itself says it. */
export interface OperationPath {
  readonly prev: OperationPath | undefined;
}

/** A GraphQL operation as the servers for Nest give it to resolvers. */
export interface GraphqlCall {
  /** The object that stands for the operation: one for all its resolvers. */
  readonly carrier: object;
  /** What carries the token; for a subscription over a WebSocket, the request that opened it with what it was opened with. */
  readonly request: OidcRequest;
  /** What the principal is put on, for those who look there: the HTTP request. */
  readonly holder: { user?: unknown };
  readonly response?: unknown;
  /** What subscriptions go over; absent where there is none. */
  readonly connection?: Connection | undefined;
  /** Where in the operation the call is: a list from its field to the root, one object for each place. */
  readonly path?: OperationPath | undefined;
}

/** A part of what Apollo and Mercurius put into the context of an operation. */
interface OperationContext {
  readonly req?: (OidcRequest & { readonly res?: unknown } & SubscriptionContext) | undefined;
  readonly res?: unknown;
  readonly request?: OidcRequest | undefined;
  readonly reply?: { readonly request?: OidcRequest | undefined } | undefined;
  /** What a connection of Mercurius was opened with. */
  readonly _connectionInit?: unknown;
}

/** What graphql-ws knows of a connection. */
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

/** The code by which graphql-ws tells a client that it may come back with another token. */
const FORBIDDEN = 4403;

/** @param args what a resolver is called with. */
export function graphqlCall(args: readonly unknown[]): GraphqlCall | undefined {
  // A reference resolver has no arguments of a field: [reference, context, info].
  const [context, info] = args.slice(args.length === 3 ? 1 : 2);
  if (typeof context !== 'object' || context === null) {
    return undefined;
  }
  const call = graphqlWsCall(context) ?? mercuriusSubscription(context) ?? httpCall(context);
  return call && { ...call, path: (info as { readonly path?: OperationPath } | undefined)?.path };
}

/** The context of graphql-ws, as it is or under `req`, where Nest's Apollo driver puts it. */
function graphqlWsCall(context: OperationContext & SubscriptionContext): GraphqlCall | undefined {
  const subscription = context.extra?.request === undefined ? context.req : context;
  const { request, socket } = subscription?.extra ?? {};
  if (subscription === undefined || request === undefined) {
    return undefined;
  }
  const lines = [...authorizationLinesOf(headersOf(request)), ...authorizationIn(subscription.connectionParams)];
  return {
    carrier: context,
    request: withAuthorization(lines, request),
    holder: request,
    connection: socket && { key: socket, end: (refusal) => socket.close(FORBIDDEN, codeOf(refusal) ?? '') },
  };
}

/** Mercurius copies what a connection was opened with into headers; the lines of the request are as they were. */
function mercuriusSubscription(context: OperationContext): GraphqlCall | undefined {
  const request = context.request ?? context.reply?.request;
  if (!('_connectionInit' in context) || request === undefined) {
    return undefined;
  }
  const { _connectionInit: opening } = context;
  const nested = typeof opening === 'object' && opening !== null && 'headers' in opening ? opening.headers : undefined;
  const lines = [...authorizationLinesOf(headersOf(request)), ...authorizationIn(opening), ...authorizationIn(nested)];
  // Mercurius keeps the WebSocket to itself.
  return {
    carrier: context,
    request: withAuthorization(lines, request),
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

/** Whether a request opened a WebSocket: then a context of the application's own has left out the rest of what is known of it. */
function isUpgrade({ headers, method }: OidcRequest): boolean {
  const { upgrade, connection } = headers ?? {};
  // One header alone any request may have, and its connection may be that of a proxy, for many callers.
  return method === 'GET' && /^websocket$/i.test(String(upgrade)) && /\bupgrade\b/i.test(String(connection));
}

/** The connection of a request, which is cut off. */
function cutting(request: OidcRequest): Connection | undefined {
  const { raw, socket = raw?.socket } = request as {
    readonly raw?: { socket?: RawSocket };
    readonly socket?: RawSocket;
  };
  return socket && { key: socket, end: () => void socket.destroy() };
}
