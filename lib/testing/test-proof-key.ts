import { createHash, randomUUID, type KeyObject } from 'node:crypto';
import { systemClock } from '../core/clock';
import type { AsymmetricAlgorithm } from '../core/key/algorithm';
import { thumbprintOf } from '../core/proof/proof';
import { createSigningKey, signJwt } from './signing-key';

/** The request that a proof is for. */
export interface TestProofOptions {
  /** The method of the request. Default: `GET`. */
  readonly method?: string;
  /** The URL of the request as callers have it: a public origin of the API and a path. */
  readonly url: string;
  /** The nonce that the API asked for in `DPoP-Nonce`. Default: none. */
  readonly nonce?: string;
  /** Claims to add or replace; one that is `undefined` here is left out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Header members to add or replace; one that is `undefined` here is left out. */
  readonly header?: Readonly<Record<string, unknown>>;
}

/**
 * The key of a client that proves possession of it (DPoP, RFC 9449), for tests.
 *
 * @example
 * ```ts
 * const key = await TestProofKey.create();
 * const token = await issuer.tokenFor('mds-bcmi-4587', { claims: { cnf: key.confirmation } });
 * await fetch(`${url}/mines`, { headers: key.headersFor(token, { url: 'https://api.example/mines' }) });
 * ```
 */
export class TestProofKey {
  private constructor(
    readonly algorithm: AsymmetricAlgorithm,
    /** The public key, as proofs contain it. */
    readonly jwk: Readonly<Record<string, unknown>>,
    /** The thumbprint of the key (RFC 7638): what a token bound to it has as `cnf.jkt`. */
    readonly thumbprint: string,
    private readonly privateKey: KeyObject,
  ) {}

  /** Makes a key. */
  static async create(algorithm: AsymmetricAlgorithm = 'ES256'): Promise<TestProofKey> {
    const { jwk: published, privateKey } = await createSigningKey(algorithm, '');
    const { kid: _kid, use: _use, alg, ...members } = published;
    // The algorithm is part of a key for ML-DSA alone.
    const jwk = members['kty'] === 'AKP' ? { ...members, alg } : members;
    return new TestProofKey(algorithm, jwk, thumbprintOf(jwk) ?? '', privateKey);
  }

  /** The claim `cnf` of a token that is bound to this key. */
  get confirmation(): { readonly jkt: string } {
    return { jkt: this.thumbprint };
  }

  /** Signs a proof for a request with a token: the value of the header `DPoP`. Each has a `jti` of its own. */
  proofFor(token: string, { method = 'GET', url, nonce, claims = {}, header = {} }: TestProofOptions): string {
    return signJwt(
      { typ: 'dpop+jwt', alg: this.algorithm, jwk: this.jwk, ...header },
      {
        jti: randomUUID(),
        htm: method,
        htu: url.replace(/[?#].*$/s, ''),
        iat: Math.floor(systemClock.now()),
        ath: createHash('sha256').update(token).digest('base64url'),
        ...(nonce !== undefined && { nonce }),
        ...claims,
      },
      this.algorithm,
      this.privateKey,
    );
  }

  /** The headers of a request with a token and a proof for it. */
  headersFor(token: string, options: TestProofOptions): { readonly authorization: string; readonly dpop: string } {
    return { authorization: `DPoP ${token}`, dpop: this.proofFor(token, options) };
  }
}
