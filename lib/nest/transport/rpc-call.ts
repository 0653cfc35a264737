import type { OidcRequest } from '../../core/token/oidc-request';
import { authorizationIn, withAuthorization, type AuthorizationLines } from './authorization-lines';

/** A part of what the contexts of @nestjs/microservices offer, each some of it. */
interface RpcContext {
  /** NATS. */
  getHeaders?(): unknown;
  /** Redis and TCP, since Nest 12. */
  getMetadata?(): unknown;
  /** Kafka, and RabbitMQ. */
  getMessage?(): unknown;
  /** MQTT. */
  getPacket?(): unknown;
  /** Redis. */
  getChannel?(): unknown;
  /** TCP. */
  getSocketRef?(): unknown;
  /** gRPC, whose context is the metadata itself. */
  get?(name: string): unknown;
  getMap?(): unknown;
}

/**
 * What a message of a microservice carries its token in: the headers of its transport, `authorization` in any case; where a
 * transport has none, the member `authorization` of its payload.
 *
 * @param data the payload.
 * @param context what the transport says of the message.
 * @returns undefined where the transport is not known.
 */
export function messageRequest(data: unknown, context: object): OidcRequest | undefined {
  const lines = linesOf(data, context);
  return lines && withAuthorization(lines);
}

/** Whether a context is the metadata of gRPC. */
export function isGrpcMetadata(context: unknown): context is { get(name: string): readonly unknown[] } {
  return (
    typeof context === 'object' &&
    context !== null &&
    'getMap' in context &&
    'get' in context &&
    typeof context.get === 'function'
  );
}

function linesOf(data: unknown, context: RpcContext): AuthorizationLines | undefined {
  if (isGrpcMetadata(context)) {
    return context.get('authorization');
  }
  if (typeof context.getHeaders === 'function') {
    return natsLines(context.getHeaders());
  }
  if (typeof context.getPacket === 'function') {
    return authorizationIn(member(member(context.getPacket(), 'properties'), 'userProperties'));
  }
  if (typeof context.getMessage === 'function') {
    const message = context.getMessage();
    return authorizationIn(member(message, 'headers') ?? member(member(message, 'properties'), 'headers'));
  }
  if (typeof context.getSocketRef === 'function' || typeof context.getChannel === 'function') {
    return [...authorizationIn(context.getMetadata?.()), ...authorizationIn(data)];
  }
  return undefined;
}

/** Headers of NATS are a list of names, each with a list of values, and tell their case apart. */
function natsLines(headers: unknown): AuthorizationLines {
  const isIterable = typeof headers === 'object' && headers !== null && Symbol.iterator in headers;
  return isIterable
    ? [...(headers as Iterable<[string, unknown]>)].flatMap(([name, values]) => authorizationIn({ [name]: values }))
    : [];
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (Reflect.get(value, name) as unknown) : undefined;
}
