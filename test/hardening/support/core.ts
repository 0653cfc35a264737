import type { Clock } from '../../../lib/core/clock';
import type { OidcMultiAuthOptions } from '../../../lib/configuration/options';
import { resolveConfiguration } from '../../../lib/configuration/resolve-configuration';
import type { Decision } from '../../../lib/core/decision/decision';
import { TokenVerifier } from '../../../lib/decision/token-verifier';
import { VerificationCache } from '../../../lib/decision/verification-cache';
import { Issuers } from '../../../lib/issuer/issuers';
import { REFUSALS, type RefusalCode } from '../../../lib/core/refusal/refusal-code';

/** The time at which every test of this folder takes place, in seconds since the epoch. */
export const NOW = 1_800_000_000;

/** Time stands still, so that one token means the same in every test and every repetition. */
const CLOCK: Clock = { now: () => NOW, monotonic: () => 0 };

const SILENT = { log: () => undefined, warn: () => undefined, error: () => undefined };

/** The core as the module makes it, for clients whose keys are given: no network, no Nest. */
export function verifierOf(
  clients: readonly object[],
  options: Omit<OidcMultiAuthOptions, 'clients'> = {},
): TokenVerifier {
  const configuration = resolveConfiguration({ ...options, clients });
  const issuers = Issuers.of(configuration.issuers, configuration, CLOCK, SILENT);
  const cache = VerificationCache.of(configuration.cacheBytes);
  return new TokenVerifier(configuration.clients, issuers, CLOCK, configuration.maxTokenBytes, cache);
}

/** The decision on a token, which is made at once where the keys are given. */
export function decideNow(verifier: TokenVerifier, token: string, allowed?: ReadonlySet<string>): Decision {
  const decision = verifier.decide(token, allowed);
  if (decision instanceof Promise) {
    throw new Error('the decision was left to the network');
  }
  return decision;
}

/** The closed set of codes. */
export const CODES: ReadonlySet<RefusalCode> = new Set(Object.keys(REFUSALS) as RefusalCode[]);

/** `accepted`, or the code of the refusal. */
export function outcomeOf(
  decision: { readonly accepted: true } | { readonly accepted: false; readonly code: RefusalCode },
): 'accepted' | RefusalCode {
  return decision.accepted ? 'accepted' : decision.code;
}
