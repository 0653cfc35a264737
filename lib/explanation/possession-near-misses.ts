import type { Client } from '../core/client/client';
import type { Failure } from '../core/decision/failure';
import { confirmationOf } from '../core/proof/confirmation';
import type { JsonObject } from '../core/token/json-object';
import type { ExplanationHint } from './explanation';
import { hint } from './hint';
import type { Inquiry } from './inquiry';
import { describeFailure } from './possession-steps';
import { shown } from './wording';

/** What to do about each check of a proof. */
const REMEDIES: Readonly<Record<string, string>> = {
  typ: 'the header of a proof has typ dpop+jwt: send a DPoP proof, not a token',
  alg: 'sign proofs with an algorithm that is accepted, or add this one to proofOfPossession.algorithms',
  jwk: 'put the public key into the header as jwk, and nothing of the private key',
  jkt: 'sign proofs with the key that the token was requested with',
  jti: 'give each proof a jti of its own',
  htm: 'make a proof for each request, with its method in upper case',
  htu: 'make the proof for the URL that callers use. If that is right, proofOfPossession.origins is not: it must have the public origin, and the path that a proxy removes',
  iat: 'make a new proof for each request, and compare the clocks. A proof has seconds, not milliseconds',
  nbf: 'compare the clocks',
  exp: 'make a new proof for each request',
  ath: 'the proof must be for this very token: ath is the SHA-256 of it in base64url',
  signature: 'sign the proof with the key of its jwk',
  nonce: 'repeat the request with the value of DPoP-Nonce as nonce',
  'x5t#S256': 'call with the certificate that the token was requested with',
};

/** Why possession is not proven, or why it must be. */
export function possessionHints(
  failure: Failure | undefined,
  claims: JsonObject,
  { name, requireSenderConstraint }: Client,
  { faults, configuration }: Inquiry,
): readonly ExplanationHint[] {
  const { certificateThumbprint } = confirmationOf(claims) ?? {};
  switch (failure?.code) {
    case 'proof_required': {
      const isOfCertificate = failure.claim === 'x5t#S256';
      const isLooked = configuration.possession?.clientCertificate !== undefined;
      return [
        hint(
          'proof_missing',
          isOfCertificate
            ? `the token is bound to a certificate (x5t#S256), and ${isLooked ? 'the request has none' : 'nothing says where certificates are'}`
            : 'the token is bound to a key (jkt), and it is not sent with the scheme DPoP and a proof',
          isOfCertificate
            ? 'call with that certificate, and say by proofOfPossession.clientCertificate where it is'
            : 'send Authorization: DPoP <token>, and a proof in the header DPoP. To explain one, give it by --proof, with --method and --url',
        ),
      ];
    }
    case 'unbound_token':
      return [
        hint(
          'token_unbound',
          requireSenderConstraint
            ? `cnf is ${shown(claims['cnf'])}, and client ${shown(name)} wants tokens that are bound to their sender (requireSenderConstraint)`
            : `cnf is ${shown(claims['cnf'])}: no key is in it, and the token is sent with the scheme DPoP`,
          'have the provider bind the tokens of this client: in Keycloak "Require DPoP bound tokens", or send it with the scheme Bearer',
        ),
      ];
    default: {
      const isHex = /^[0-9a-f]{64}$/i.test(certificateThumbprint ?? '');
      return (faults.length > 0 || failure === undefined ? faults : [failure]).map((fault) =>
        hint(
          'proof_wrong',
          describeFailure(fault),
          fault.claim === 'x5t#S256' && isHex
            ? 'the token has the thumbprint in hexadecimal, and must have it in base64url (RFC 8705 section 3.1)'
            : (REMEDIES[fault.claim ?? ''] ?? 'send one well-formed proof in one header DPoP'),
        ),
      );
    }
  }
}
