import type { Client } from '../core/client/client';
import { namesOfAlgorithm } from '../core/key/algorithm';
import { REPLAY_BYTES } from '../core/limits';
import type { CertificateSource, PossessionSettings } from '../core/proof/possession-settings';
import { proofOriginOf, type ProofOrigin } from '../core/proof/target-uri';
import type { OidcMultiAuthOptions } from './options';
import { addressMatcher } from './possession-fields';
import type { OidcProofOfPossession } from './possession-options';

/** FAPI 2.0 section 5.4.1 has three of them; RS256 is what many libraries for browsers do by default. */
const DEFAULT_PROOF_ALGORITHMS = ['ES256', 'EdDSA', 'Ed25519', 'PS256', 'RS256'] as const;

/** The settings of `proofOfPossession`, with the defaults; undefined where it is off. */
export function resolvePossession(
  { proofOfPossession: options, resourceMetadata }: OidcMultiAuthOptions,
  clients: readonly Client[],
): PossessionSettings | undefined {
  if (options === undefined) {
    return undefined;
  }
  const { origins, maxProofAge = 60, algorithms = DEFAULT_PROOF_ALGORITHMS, nonce, replayStore } = options;
  const urls = origins ?? [resourceMetadata?.resource ?? []].flat();
  return {
    origins: urls
      .map((url) => proofOriginOf(url, origins !== undefined))
      .filter((origin): origin is ProofOrigin => origin !== undefined),
    maxProofAge,
    namedAlgorithms: [...new Set(algorithms)],
    algorithms: new Set(algorithms.flatMap((name) => namesOfAlgorithm(name))),
    nonce: nonce && { secrets: nonce.secrets, lifetime: nonce.lifetime ?? 300 },
    replayStore,
    maxReplayBytes: options.maxReplayBytes ?? REPLAY_BYTES.default,
    clientCertificate: certificateSourceOf(options),
    acceptsBearer: options.clientCertificate !== undefined || clients.some((client) => !client.requireSenderConstraint),
  };
}

function certificateSourceOf({ clientCertificate: source }: OidcProofOfPossession): CertificateSource | undefined {
  return source === undefined || source === 'tls'
    ? source
    : { header: source.header.toLowerCase(), format: source.format, isProxy: addressMatcher(source.proxies) };
}
