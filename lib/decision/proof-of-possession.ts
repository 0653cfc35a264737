import type { Client } from '../core/client/client';
import type { Clock } from '../core/clock';
import type { Failure } from '../core/decision/failure';
import { certificateThumbprint } from '../core/proof/certificate';
import type { Confirmation } from '../core/proof/confirmation';
import type { PossessionSettings } from '../core/proof/possession-settings';
import type { Presentation } from '../core/token/presentation';
import { certificateOf } from './client-certificate';
import type { Possession } from './possession';
import { ProofVerifier } from './proof-verifier';
import { ReplayGuard, type ReplayLog } from './replay-guard';
import { ReplayMemory } from './replay-memory';
import { PROOF_TOLERANCE } from '../core/proof/proof-checks';

const NOTHING_AGAINST: Possession = {};

/** Sources of a token that a certificate-bound one may come from. */
const SOURCES_OF_BOUND_TOKENS: ReadonlySet<string> = new Set(['header']);

/**
 * The step "bind": whether who presents a token holds what it is bound to (RFC 9449, RFC 8705). Shared by all snapshots of
 * an application, so that a change of clients forgets no proof.
 *
 * @internal
 */
export class ProofOfPossession {
  readonly #proofs: ProofVerifier;

  private constructor(
    private readonly settings: PossessionSettings,
    private readonly clock: Clock,
    store: ReplayGuard | undefined,
  ) {
    this.#proofs = new ProofVerifier(settings, clock, store);
  }

  static of(settings: PossessionSettings | undefined, clock: Clock, log?: ReplayLog): ProofOfPossession | undefined {
    if (settings === undefined) {
      return undefined;
    }
    const { replayStore, maxProofAge, maxReplayBytes } = settings;
    const longest = maxProofAge + 2 * PROOF_TOLERANCE;
    const store = replayStore ?? new ReplayMemory(clock, longest, maxReplayBytes);
    return new ProofOfPossession(settings, clock, new ReplayGuard(store, log));
  }

  /** The same with another clock, that uses up no proof and is given the certificate itself: for explanations. */
  withoutReplay(clock: Clock): ProofOfPossession {
    const { clientCertificate } = this.settings;
    const settings = { ...this.settings, clientCertificate: clientCertificate && ('tls' as const) };
    return new ProofOfPossession(settings, clock, undefined);
  }

  /**
   * Checks who presents a token whose signature and claims are good. Cheap checks come first, and a proof is used up last.
   *
   * @param confirmation what the token is bound to; undefined for one that is not bound.
   * @returns undefined where nothing is asked and nothing is said. Never rejects.
   */
  check(
    confirmation: Confirmation | undefined,
    client: Client,
    presentation: Presentation,
  ): Possession | undefined | Promise<Possession> {
    const { scheme } = presentation;
    if (confirmation === undefined) {
      return scheme === 'DPoP' || client.requireSenderConstraint ? unbound(client, scheme) : undefined;
    }
    const { keyThumbprint, certificateThumbprint: thumbprint } = confirmation;
    if (scheme === 'DPoP' && keyThumbprint === undefined) {
      return unbound(client, scheme);
    }
    const isFromHeader = SOURCES_OF_BOUND_TOKENS.has(presentation.source);
    if (!isFromHeader || (keyThumbprint !== undefined && scheme !== 'DPoP')) {
      return required('scheme', keyThumbprint === undefined ? 'Authorization header' : 'DPoP', presentation);
    }
    const failed = thumbprint === undefined ? undefined : this.#checkCertificate(thumbprint, presentation);
    if (failed !== undefined) {
      return failed;
    }
    return keyThumbprint === undefined
      ? NOTHING_AGAINST
      : this.#proofs.verify(presentation, keyThumbprint, client.proofAlgorithms);
  }

  /** Every check that fails, for explanations. */
  faultsOf(confirmation: Confirmation | undefined, client: Client, presentation: Presentation): readonly Failure[] {
    const first = this.check(confirmation, client, presentation);
    const failure = first instanceof Promise ? undefined : first?.failure;
    const { keyThumbprint, certificateThumbprint: thumbprint } = confirmation ?? {};
    if (presentation.scheme !== 'DPoP' || keyThumbprint === undefined) {
      return failure === undefined ? [] : [failure];
    }
    const ofCertificate = thumbprint === undefined ? undefined : this.#checkCertificate(thumbprint, presentation);
    return [
      ...(ofCertificate?.failure === undefined ? [] : [ofCertificate.failure]),
      ...this.#proofs.faultsOf(presentation, keyThumbprint, client.proofAlgorithms),
    ];
  }

  #checkCertificate(expected: string, presentation: Presentation): Possession | undefined {
    const certificate = certificateOf(presentation, this.settings.clientCertificate);
    if (certificate === 'none') {
      return { failure: { check: 'binding', code: 'proof_required', claim: 'x5t#S256', expected } };
    }
    const actual = certificate === 'malformed' ? certificate : certificateThumbprint(certificate);
    return actual === expected
      ? undefined
      : { failure: { check: 'binding', code: 'binding_mismatch', claim: 'x5t#S256', expected, actual } };
  }
}

function unbound({ requireSenderConstraint }: Client, scheme: string): Possession {
  return {
    failure: {
      check: 'binding',
      code: 'unbound_token',
      claim: 'cnf',
      ...(requireSenderConstraint && { option: 'requireSenderConstraint' }),
      expected: scheme === 'DPoP' ? 'jkt' : 'jkt or x5t#S256',
    },
  };
}

function required(claim: string, expected: string, { scheme, source }: Presentation): Possession {
  return {
    failure: {
      check: 'binding',
      code: 'proof_required',
      claim,
      expected,
      actual: source === 'header' ? scheme : source === 'direct' ? 'no request' : source,
    },
  };
}
