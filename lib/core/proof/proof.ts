import { hash } from 'node:crypto';
import { judgeJwk, type JwkJudgement } from '../key/verification-key';
import { decodeBase64urlText, decodeOctets } from '../token/base64url';
import { unsupportedMember } from '../token/header';
import { isJsonObject, own, parseJsonText, type JsonObject } from '../token/json-object';

/** The longest proof that is read, in characters: several times as long as one with a key of RSA with 4,096 bits. */
const MOST_CHARACTERS = 8_192;

/** Members of a JWK that are public parts of no key (RFC 7518 sections 6.2.2, 6.3.2 and 6.4; RFC 8037 section 2). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'] as const;

/** The required members of a JWK, in the order of RFC 7638 section 3.3 (RFC 8037 section 2 for OKP). */
const THUMBPRINT_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
  AKP: ['alg', 'kty', 'pub'],
};

/**
 * The header of a proof. Its key is imported when it is needed, and only once.
 *
 * @internal
 */
export class ProofHeader {
  readonly algorithm: string;
  readonly jwk: JsonObject | undefined;
  #thumbprint: string | undefined;
  #judgement: JwkJudgement | undefined;

  constructor(
    /** As it is spelled, in a string of its own. */
    readonly spelling: string,
    readonly members: JsonObject,
  ) {
    const algorithm = own(members, 'alg');
    const jwk = own(members, 'jwk');
    this.algorithm = typeof algorithm === 'string' ? algorithm : '';
    this.jwk = isJsonObject(jwk) ? jwk : undefined;
  }

  /** The JWK thumbprint of the key (RFC 7638); undefined if there is no public key of a known type. */
  get thumbprint(): string | undefined {
    this.#thumbprint ??= this.jwk && thumbprintOf(this.jwk);
    return this.#thumbprint;
  }

  /** Whether the JWK says a private or a shared key. */
  get saysPrivateKey(): boolean {
    const { jwk } = this;
    return jwk !== undefined && (own(jwk, 'kty') === 'oct' || PRIVATE_MEMBERS.some((name) => Object.hasOwn(jwk, name)));
  }

  /** The key, or why it cannot be used. */
  get key(): JwkJudgement {
    this.#judgement ??= judgeJwk(this.jwk);
    return this.#judgement;
  }
}

/**
 * A well-formed DPoP proof (RFC 9449 section 4.2) of which nothing is verified.
 *
 * @internal
 */
export interface Proof {
  readonly header: ProofHeader;
  readonly claims: JsonObject;
  /** What was signed, exactly as received. */
  readonly signingInput: string;
  readonly signature: Buffer;
}

/**
 * Parses a proof as strictly as a token: compact serialization, canonical base64url, no duplicate names, no critical extension.
 *
 * @param known finds a header that was read before, by its spelling.
 * @returns undefined if it is malformed.
 *
 * @internal
 */
export function parseProof(text: string, known: (spelling: string) => ProofHeader | undefined): Proof | undefined {
  const firstDot = text.indexOf('.');
  const secondDot = text.indexOf('.', firstDot + 1);
  if (text.length > MOST_CHARACTERS || firstDot < 1 || secondDot <= firstDot + 1 || secondDot === text.length - 1) {
    return undefined;
  }
  // A third dot is not in the base64url alphabet.
  const signature = decodeOctets(text.slice(secondDot + 1));
  if (signature === undefined) {
    return undefined;
  }
  const spelling = text.slice(0, firstDot);
  const header = known(spelling) ?? parseProofHeader(spelling);
  const claims = header && decodeBase64urlText(text.slice(firstDot + 1, secondDot));
  const members = claims && parseJsonText(claims.text);
  return header === undefined || members === undefined
    ? undefined
    : { header, claims: members, signingInput: text.slice(0, secondDot), signature: signature.octets };
}

function parseProofHeader(part: string): ProofHeader | undefined {
  const decoded = decodeBase64urlText(part);
  const members = decoded && parseJsonText(decoded.text);
  return decoded === undefined || members === undefined || unsupportedMember(members) !== undefined
    ? undefined
    : new ProofHeader(decoded.spelling, members);
}

/**
 * The SHA-256 thumbprint of a JWK (RFC 7638), in base64url.
 *
 * @returns undefined if it is not a public key of a known type.
 *
 * @internal
 */
export function thumbprintOf(jwk: JsonObject): string | undefined {
  const type = own(jwk, 'kty');
  const names = typeof type === 'string' && Object.hasOwn(THUMBPRINT_MEMBERS, type) ? THUMBPRINT_MEMBERS[type] : [];
  const members: string[] = [];
  for (const name of names ?? []) {
    const value = own(jwk, name);
    if (typeof value !== 'string') {
      return undefined;
    }
    members.push(`"${name}":${JSON.stringify(value)}`);
  }
  return members.length === 0 ? undefined : sha256(`{${members.join(',')}}`);
}

/**
 * The SHA-256 of a text, in base64url.
 *
 * @internal
 */
export function sha256(text: string): string {
  // Half the time of a Hash object.
  return hash('sha256', text, 'base64url');
}
