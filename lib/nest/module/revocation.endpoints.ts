import { Inject, Injectable, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { EventReceiver } from '../../decision/event-receiver';
import { LogoutReceiver } from '../../decision/logout-receiver';
import type { Receipt } from '../../decision/receipt';
import { OidcRuntime } from '../runtime/oidc-runtime';
import { addRawEndpoints, hasMediaType, type RawAnswer, type RawEndpoint } from './raw-endpoint';
import { EventPoller } from './event-poller';
import { PacedLog } from './paced-log';

/**
 * Serves the endpoints that receive logout tokens (OpenID Connect Back-Channel Logout 1.0) and security events (RFC 8935), and
 * polls transmitters that have an endpoint for it (RFC 8936).
 *
 * @internal
 */
@Injectable()
export class RevocationEndpoints {
  private readonly log: PacedLog = new PacedLog(new Logger('OidcMultiAuthModule'), () =>
    this.runtime.clock.monotonic(),
  );
  private readonly events: EventReceiver | undefined;
  private readonly pollers: readonly EventPoller[];

  constructor(
    @Inject(OidcRuntime) private readonly runtime: OidcRuntime,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {
    const { revocations, clock, configuration } = runtime;
    const settings = revocations?.settings;
    this.events =
      revocations === undefined || settings?.eventsPath === undefined
        ? undefined
        : new EventReceiver(
            revocations,
            clock,
            configuration.maxTokenBytes,
            configuration,
            new Logger('OidcMultiAuthModule'),
          );
    const { events } = this;
    this.pollers =
      events === undefined
        ? []
        : (settings?.transmitters ?? [])
            .filter(({ pollEndpoint }) => pollEndpoint !== undefined)
            .map((transmitter) => {
              const receive = async (text: string): Promise<Receipt> =>
                this.tell(await events.polled(text, transmitter, runtime.current), 'security event');
              return new EventPoller(transmitter, receive, (message) => this.log.warn(message), configuration);
            });
    const endpoints = this.endpoints();
    if (endpoints.length > 0) {
      // As early as there is an adapter: before the application's parsers read the body.
      this.host.init$.subscribe(() => {
        if (this.hasServer()) {
          addRawEndpoints(this.host, endpoints);
        }
      });
    }
  }

  /** Begins to poll. */
  start(): void {
    for (const poller of this.pollers) {
      poller.start();
    }
  }

  close(): void {
    for (const poller of this.pollers) {
      poller.close();
    }
    this.events?.close();
  }

  /** A microservice has no HTTP server. */
  private hasServer(): boolean {
    const { httpAdapter } = this.host;
    const type: unknown = (httpAdapter ?? undefined) === undefined ? undefined : httpAdapter.getType();
    return type === 'express' || type === 'fastify';
  }

  private endpoints(): RawEndpoint[] {
    const { revocations, clock, configuration } = this.runtime;
    const { logoutPath, eventsPath } = revocations?.settings ?? {};
    return [
      ...(revocations === undefined || logoutPath === undefined
        ? []
        : [this.logoutEndpoint(logoutPath, new LogoutReceiver(revocations, clock, configuration.maxTokenBytes))]),
      ...(this.events === undefined || eventsPath === undefined ? [] : [this.eventsEndpoint(eventsPath, this.events)]),
    ];
  }

  private logoutEndpoint(path: string, receiver: LogoutReceiver): RawEndpoint {
    const refuse = (description: string): RawAnswer =>
      this.logoutAnswer({ status: 400, error: 'invalid_request', description });
    return {
      path,
      check: (request) =>
        hasMediaType(request, 'application/x-www-form-urlencoded') ? undefined : refuse('the body is not form-encoded'),
      answer: async (body) => {
        const [token, ...more] = new URLSearchParams(body).getAll('logout_token');
        if (token === undefined || more.length > 0) {
          return refuse('logout_token must be there once');
        }
        return this.logoutAnswer(await receiver.receive(token, this.runtime.current));
      },
    };
  }

  private logoutAnswer(receipt: Receipt): RawAnswer {
    const { status, error, description } = this.tell(receipt, 'logout token');
    return {
      status,
      ...(status === 503 && { headers: { 'Retry-After': '5' } }),
      ...(error !== undefined && { body: { error, error_description: description } }),
    };
  }

  private eventsEndpoint(path: string, receiver: EventReceiver): RawEndpoint {
    return {
      path,
      check: (request) => {
        if (!receiver.mayBeAuthorized(request.headers.authorization)) {
          return this.eventAnswer({
            status: 401,
            error: 'authentication_failed',
            description: 'the Authorization header is not that of a transmitter',
          });
        }
        return hasMediaType(request, 'application/secevent+jwt')
          ? undefined
          : this.eventAnswer({
              status: 400,
              error: 'invalid_request',
              description: 'the Content-Type is not application/secevent+jwt',
            });
      },
      answer: async (body, request) =>
        this.eventAnswer(await receiver.push(body.trim(), request.headers.authorization, this.runtime.current)),
    };
  }

  private eventAnswer(receipt: Receipt): RawAnswer {
    const { status, error, description } = this.tell(receipt, 'security event');
    return {
      status,
      ...(status === 503 && { headers: { 'Retry-After': '5' } }),
      ...(status === 401 && { headers: { 'WWW-Authenticate': `Bearer realm="${this.runtime.configuration.realm}"` } }),
      ...(error !== undefined && { body: { err: error, description } }),
    };
  }

  private tell(receipt: Receipt, what: string): Receipt {
    const { status, error, description, done } = receipt;
    if (done === undefined) {
      this.log.warn(`refused a ${what}: ${status} ${error}, ${description}`);
    } else {
      this.log.log(`received a ${what}, revoked ${done}`);
    }
    return receipt;
  }
}
