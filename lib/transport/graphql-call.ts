import { headersOf, type OidcRequest } from '../passport/oidc-request';
import { authorizationIn, authorizationLinesOf, withAuthorization } from './authorization-lines';

/** A GraphQL operation as the servers for Nest give it to resolvers. */
export interface GraphqlCall {
  /** The object that stands for the operation: one for all its resolvers. */
  readonly carrier: object;
  /** What carries the token; for a subscription over a WebSocket, the request that opened it with what it was opened with. */
  readonly request: OidcRequest;
  /** What the principal is put on, for those who look there: the HTTP request. */
  readonly holder: { user?: unknown };
  readonly response?: unknown;
  /** Ends the connection that subscriptions go over, which the holder stands for; absent where there is none. */
  readonly end?: (() => void) | undefined;
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
  close(code: number, reason: string): unknown;
}

/** The code by which graphql-ws tells a client that it may come back with another token. */
const FORBIDDEN = 4403;

/** @param args what a resolver is called with. */
export function graphqlCall(args: readonly unknown[]): GraphqlCall | undefined {
  // A reference resolver has no arguments of a field: [reference, context, info].
  const context = args[args.length === 3 ? 1 : 2];
  if (typeof context !== 'object' || context === null) {
    return undefined;
  }
  return graphqlWsCall(context) ?? mercuriusSubscription(context) ?? httpCall(context);
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
    end: socket && (() => socket.close(FORBIDDEN, 'token_expired')),
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
  const lines = [...authorizationLinesOf(headersOf(request)), ...authorizationIn(nested ?? opening)];
  const { raw } = request as { readonly raw?: { readonly socket?: { destroy(): unknown } } };
  return {
    carrier: context,
    request: withAuthorization(lines, request),
    holder: request,
    // Mercurius keeps the WebSocket to itself.
    end: () => void raw?.socket?.destroy(),
  };
}

function httpCall(context: OperationContext): GraphqlCall | undefined {
  const { req, res, request, reply } = context;
  const base = req ?? request ?? reply?.request;
  return base && { carrier: context, request: base, holder: base, response: res ?? reply ?? req?.res };
}
