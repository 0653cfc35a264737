import type { Client } from '../core/client/client';
import type { ClientIndex } from '../core/client/client-index';
import { audiencesIn } from '../core/client/select-client';
import type { Clock } from '../core/clock';
import { checkLogoutToken, type LogoutToken } from '../core/revocation/logout-token';
import { own } from '../core/token/json-object';
import { parseToken } from '../core/token/unverified-token';
import type { Issuers } from '../issuer/issuers';
import { Receipts, type Receipt } from './receipt';
import type { RevocationRequest, Revocations } from './revocations';
import { SignatureProver } from './signature-prover';

/** The clients and issuers of the moment. */
export interface ReceiverSnapshot {
  readonly clients: ClientIndex;
  readonly issuers: Issuers;
}

/**
 * Receives logout tokens (OpenID Connect Back-Channel Logout 1.0 section 2.6) and revokes what they name.
 *
 * @internal
 */
export class LogoutReceiver {
  readonly #receipts = new Receipts();

  constructor(
    private readonly revocations: Revocations,
    private readonly clock: Clock,
    private readonly maxTokenBytes: number,
  ) {}

  /** Never rejects. A token that is not a good logout token changes nothing, and costs one signature at most. */
  async receive(text: string, { clients, issuers }: ReceiverSnapshot): Promise<Receipt> {
    const token = parseToken(text, this.maxTokenBytes);
    if (token === undefined) {
      return refuse('logout_token is not a well-formed signed JWT');
    }
    const { unverifiedClaims: claims } = token;
    const issuer = own(claims, 'iss');
    const client = typeof issuer === 'string' ? addressee(clients, issuer, audiencesIn(claims, 'aud')) : undefined;
    if (client === undefined) {
      return refuse('iss and aud are not those of a client of this API');
    }
    const said = checkLogoutToken(token, client, this.clock.now());
    if ('fault' in said) {
      return refuse(said.fault);
    }
    if (issuers.of(client.issuer).identifier === undefined && (await issuers.of(client.issuer).awaitIdentifier())) {
      return UNAVAILABLE;
    }
    if (issuers.of(client.issuer).identifier !== said.issuer) {
      return refuse('iss and aud are not those of a client of this API');
    }
    const key = JSON.stringify([said.issuer, said.jti]);
    if (this.revocations.hasReceived(said.issuer, said.jti) && !this.#receipts.isWaiting(key)) {
      return refuse('jti was used before');
    }
    const { signer, failure } = { failure: undefined, ...(await new SignatureProver(issuers).prove(token, client)) };
    if (signer === undefined) {
      return failure?.code === 'keys_unavailable' ? UNAVAILABLE : refuse('the signature is not valid');
    }
    const isStored = await this.#receipts.record(key, () => this.revocations.revoke(this.#requests(said)));
    return isStored
      ? { status: 200, done: `${said.sid === undefined ? 'the tokens of a subject' : 'a session'} at ${said.issuer}` }
      : UNAVAILABLE;
  }

  /** The session, or without one all tokens of the subject issued until then. Times are in whole seconds, both included. */
  #requests({ issuer, jti, sid, subject = '', issuedAt, expiresAt }: LogoutToken): RevocationRequest[] {
    const origin = 'backchannel_logout';
    const { maxTokenLifetime } = this.revocations.settings;
    return [
      sid === undefined
        ? { kind: 'subject', issuer, value: subject, issuedBefore: Math.floor(issuedAt) + 1, origin }
        : { kind: 'session', issuer, value: sid, origin },
      {
        kind: 'received',
        issuer,
        value: jti,
        // Until the token has expired, tolerance included.
        expiresAt: Math.min(expiresAt + 300, this.clock.now() + maxTokenLifetime),
        origin,
      },
    ];
  }
}

const UNAVAILABLE: Receipt = { status: 503, error: 'temporarily_unavailable', description: 'try again later' };

function refuse(description: string): Receipt {
  return { status: 400, error: 'invalid_request', description };
}

/** The first client of an issuer that has one of these as audience or authorized party. */
function addressee(clients: ClientIndex, issuer: string, audiences: readonly string[]): Client | undefined {
  for (const { byAudience } of clients.issuer(issuer)?.byClaim ?? []) {
    for (const audience of audiences) {
      const [client] = byAudience.get(audience) ?? [];
      if (client !== undefined) {
        return client;
      }
    }
  }
  return clients
    .ofIssuer(issuer)
    .find(({ authorizedParties }) => audiences.some((audience) => authorizedParties?.has(audience) === true));
}
