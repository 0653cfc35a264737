import { createHash, timingSafeEqual } from 'node:crypto';
import type { IssuerConfiguration } from '../core/client/client';
import type { Clock } from '../core/clock';
import { effectsOf, type EventEffects } from '../core/revocation/event-effects';
import type { TransmitterSettings } from '../core/revocation/revocation-settings';
import { checkSecurityEvent, type DeliveryError, type SecurityEventToken } from '../core/revocation/security-event';
import { own } from '../core/token/json-object';
import { parseToken, type UnverifiedToken } from '../core/token/unverified-token';
import { Issuers } from '../issuer/issuers';
import type { FetchPolicy, IssuerLog } from '../issuer/key-refresh';
import type { ReceiverSnapshot } from './logout-receiver';
import { Receipts, type Receipt } from './receipt';
import type { RevocationRequest, Revocations } from './revocations';
import { SignatureProver, type SignatureProof } from './signature-prover';

/**
 * Receives security event tokens (RFC 8417, RFC 8935, OpenID Shared Signals Framework 1.0) and revokes what they name.
 *
 * @internal
 */
export class EventReceiver {
  readonly #receipts = new Receipts();
  readonly #transmitters: ReadonlyMap<string, TransmitterSettings>;
  /** The key sets of transmitters that are no issuers of clients. */
  readonly #issuers: Issuers;

  constructor(
    private readonly revocations: Revocations,
    private readonly clock: Clock,
    private readonly maxTokenBytes: number,
    policy: FetchPolicy,
    log: IssuerLog,
  ) {
    const { transmitters } = revocations.settings;
    this.#transmitters = new Map(transmitters.map((transmitter) => [transmitter.issuer, transmitter]));
    const keys = transmitters.flatMap((transmitter) => (transmitter.keys === undefined ? [] : [transmitter.keys]));
    this.#issuers = Issuers.of(keys, policy, clock, log);
  }

  /** Whether a request may be of any transmitter, by its `Authorization` header alone. */
  mayBeAuthorized(authorization: string | undefined): boolean {
    return [...this.#transmitters.values()].some((transmitter) => isAuthorized(transmitter, authorization));
  }

  close(): void {
    this.#issuers.close();
  }

  /**
   * Receives a token that was pushed. Never rejects. A token that is not a good security event changes nothing, and costs one
   * signature at most.
   *
   * @param authorization the `Authorization` header of the request.
   */
  async push(text: string, authorization: string | undefined, snapshot: ReceiverSnapshot): Promise<Receipt> {
    const token = parseToken(text, this.maxTokenBytes);
    if (token === undefined) {
      return refuse('invalid_request', 'the body is not a well-formed signed JWT');
    }
    const transmitter = this.#transmitterOf(token);
    if (transmitter === undefined) {
      return refuse('invalid_issuer', 'iss is not that of a configured transmitter');
    }
    return isAuthorized(transmitter, authorization)
      ? this.#receive(token, transmitter, snapshot)
      : { ...refuse('authentication_failed', 'the Authorization header is not that of the transmitter'), status: 401 };
  }

  /** Receives a token that was polled from a transmitter. Never rejects. */
  async polled(text: string, transmitter: TransmitterSettings, snapshot: ReceiverSnapshot): Promise<Receipt> {
    const token = parseToken(text, this.maxTokenBytes);
    return token === undefined
      ? refuse('invalid_request', 'the event is not a well-formed signed JWT')
      : this.#receive(token, transmitter, snapshot);
  }

  #transmitterOf({ unverifiedClaims }: UnverifiedToken): TransmitterSettings | undefined {
    const issuer = own(unverifiedClaims, 'iss');
    return typeof issuer === 'string' ? this.#transmitters.get(issuer) : undefined;
  }

  async #receive(
    token: UnverifiedToken,
    transmitter: TransmitterSettings,
    snapshot: ReceiverSnapshot,
  ): Promise<Receipt> {
    const said = checkSecurityEvent(token, transmitter, this.clock.now());
    if ('error' in said) {
      return refuse(said.error, said.description);
    }
    const { issuer } = transmitter;
    const key = JSON.stringify([issuer, said.jti]);
    const { signer, failure } = { failure: undefined, ...(await this.#prove(token, transmitter, snapshot)) };
    if (signer === undefined) {
      return failure?.code === 'keys_unavailable' ? UNAVAILABLE : refuse('invalid_key', 'the signature is not valid');
    }
    // A transmitter that did not get the answer sends the event again (RFC 8935 section 2).
    if (this.revocations.hasReceived(issuer, said.jti) && !this.#receipts.isWaiting(key)) {
      return { status: 202, done: `an event of ${issuer} again: nothing` };
    }
    const effects = effectsOf(said, transmitter, this.clock.now());
    const isStored = await this.#receipts.record(key, () =>
      this.revocations.revoke(this.#requests(said, effects, issuer)),
    );
    if (!isStored) {
      return UNAVAILABLE;
    }
    this.#note(issuer, effects);
    return { status: 202, done: describe(issuer, effects) };
  }

  async #prove(
    token: UnverifiedToken,
    { keys, issuer }: TransmitterSettings,
    { clients, issuers }: ReceiverSnapshot,
  ): Promise<SignatureProof | { signer?: undefined; failure: { code: 'keys_unavailable' } }> {
    const known: IssuerConfiguration | undefined = keys ?? clients.issuer(issuer)?.issuer;
    if (known === undefined) {
      return { failure: { code: 'keys_unavailable' } };
    }
    const owner = { issuer: known, secret: undefined, usesKeySet: true };
    return new SignatureProver(keys === undefined ? issuers : this.#issuers).prove(token, owner);
  }

  #requests({ jti }: SecurityEventToken, { targets }: EventEffects, issuer: string): RevocationRequest[] {
    const origin = 'shared_signals';
    return [
      ...targets.map((target): RevocationRequest => ({ ...target, origin })),
      { kind: 'received', issuer, value: jti, origin },
    ];
  }

  #note(issuer: string, { isVerification, stream }: EventEffects): void {
    const now = this.clock.now();
    this.revocations.received.set(issuer, {
      ...this.revocations.received.get(issuer),
      eventAt: now,
      ...(isVerification && { verifiedAt: now }),
      ...(stream !== undefined && { stream }),
    });
  }
}

const UNAVAILABLE: Receipt = { status: 503, error: 'temporarily_unavailable', description: 'try again later' };

function refuse(error: DeliveryError, description: string): Receipt {
  return { status: 400, error, description };
}

/** Compares digests, so that the time says nothing of the value. */
function isAuthorized({ authorization }: TransmitterSettings, given: string | undefined): boolean {
  return (
    authorization === undefined || (given !== undefined && timingSafeEqual(digestOf(authorization), digestOf(given)))
  );
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function describe(issuer: string, { targets, isVerification, stream, ignored }: EventEffects): string {
  const done = [
    ...targets.map(
      ({ kind, issuer: of }) => `${kind === 'session' ? 'a session' : 'the tokens of a subject'} at ${of}`,
    ),
    ...(isVerification ? ['verified the stream'] : []),
    ...(stream === undefined ? [] : [`the stream is ${stream}`]),
    ...ignored.map((reason) => `nothing: ${reason}`),
  ];
  return `an event of ${issuer}: ${done.length === 0 ? 'nothing' : done.join(', ')}`;
}
