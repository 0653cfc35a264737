import { isRetired, type Client } from '../core/client/client';
import type { ClientIndex } from '../core/client/client-index';
import { selectClient, type Selection } from '../core/client/select-client';
import type { Clock } from '../core/clock';
import { refusedBecause, type RefusedDecision, type RefusedFacts } from '../core/decision/decision';
import type { Failure } from '../core/decision/failure';
import { selectByAnswer } from '../core/introspection/answer';
import type { Presentation } from '../core/token/presentation';
import { parseToken, type UnverifiedToken } from '../core/token/unverified-token';
import type { Issuers } from '../issuer/issuers';
import { chooseAgain, type SeenToken } from './seen-token';
import type { IntrospectionProver } from './introspection-prover';
import type { Introspections } from './introspections';
import { stillStands } from './standing-checks';
import type { Revocations } from './revocations';
import type { VerificationCache } from './verification-cache';

/** A token for which a client was found by what it says. */
export interface ReadToken {
  readonly client: Client;
  /** False where the route is for other clients only. */
  readonly allowed: boolean;
  readonly selection: Extract<Selection, { readonly client: Client }>;
  readonly presentation: Presentation;
  readonly token: UnverifiedToken;
  readonly seen?: undefined;
}

/** A token that was accepted before, and still stands. */
export interface RecognizedToken {
  readonly client: Client;
  /** False where the route is for other clients only. */
  readonly allowed: boolean;
  readonly presentation: Presentation;
  /** What is remembered of it. */
  readonly seen: SeenToken;
}

/** A token for which a client was found. */
export type SelectedToken = ReadToken | RecognizedToken;

/** A token for which there is no client: the decision, and the clients that it is addressed to all the same. */
export interface UnselectedToken {
  readonly client?: undefined;
  readonly decision: RefusedDecision;
  readonly addressed: readonly Client[];
  /** What was read of the token; absent where it is malformed, or where there is none. */
  readonly token?: UnverifiedToken;
  readonly selection?: Selection;
  /** The issuer that can say what an opaque token is; absent for every other token. */
  readonly opaque?: OpaqueToken;
}

/** An opaque token, and the one issuer that is asked about it. */
export interface OpaqueToken {
  readonly presentation: Presentation;
  readonly prover: IntrospectionProver;
}

/** Shared by all malformed tokens, so that garbage costs nothing. */
const MALFORMED: UnselectedToken = {
  decision: Object.freeze(refusedBecause({ check: 'parse', code: 'malformed_token' })),
  addressed: [],
};

/**
 * The steps "read" and "select": parses a token and finds the one client it is for. Uses neither cryptography nor network.
 *
 * @internal
 */
export class TokenSelector {
  readonly #ofProvers = new Map<IntrospectionProver, readonly Client[]>();
  constructor(
    private readonly clients: ClientIndex,
    private readonly issuers: Issuers,
    private readonly clock: Clock,
    private readonly maxTokenBytes: number,
    private readonly cache: VerificationCache | undefined,
    private readonly revocations?: Revocations,
    private readonly introspections?: Introspections,
  ) {}

  /**
   * Reads a token and selects its client, or refuses. A token that was accepted before and still stands is not read again.
   *
   * @param allowed the clients the route is for; absent where it is for all.
   */
  select(presentation: Presentation, allowed: ReadonlySet<string> | undefined): SelectedToken | UnselectedToken {
    const seen = this.cache?.find(presentation.token);
    if (seen !== undefined) {
      const isAllowed = chooseAgain(seen, allowed);
      if (isAllowed !== undefined && stillStands(seen, this.clock.now(), this.revocations)) {
        return { client: seen.client, allowed: isAllowed, presentation, seen };
      }
      this.cache?.forget(presentation.token);
    }
    const token = parseToken(presentation.token, this.maxTokenBytes);
    return token === undefined ? this.#unreadable(presentation) : this.selectAgain(presentation, token, allowed);
  }

  /** What a token is if it is no JWT; undefined for what is one, or could not be one of this kind. */
  opaqueOf(presentation: Presentation): OpaqueToken | undefined {
    const isJwt = parseToken(presentation.token, this.maxTokenBytes) !== undefined;
    return isJwt ? undefined : this.#unreadable(presentation).opaque;
  }

  /** What is no JWT is opaque, if an issuer can say what it is. */
  #unreadable(presentation: Presentation): UnselectedToken {
    const prover = this.introspections?.proverOf(presentation.token, this.maxTokenBytes);
    if (prover === undefined) {
      return MALFORMED;
    }
    const addressed = this.#clientsOf(prover);
    return { ...MALFORMED, addressed, opaque: { presentation, prover } };
  }

  /** The clients of the issuer of an opaque token, found once, because there may be many clients. */
  #clientsOf(prover: IntrospectionProver): readonly Client[] {
    let clients = this.#ofProvers.get(prover);
    if (clients === undefined) {
      const { issuer } = prover.configuration;
      clients = this.clients.clients.filter((client) => client.issuer.issuer === issuer);
      this.#ofProvers.set(prover, clients);
    }
    return clients;
  }

  /** Selects the client of an opaque token by what its issuer says of it. */
  selectOpaque(
    { presentation, prover }: OpaqueToken,
    answer: UnverifiedToken,
    allowed: ReadonlySet<string> | undefined,
  ): ReadToken | UnselectedToken {
    const selection = selectByAnswer(this.clients, answer, prover.configuration, allowed);
    return this.#selected(presentation, answer, selection);
  }

  /** Selects the client of a token that has been read. */
  selectAgain(
    presentation: Presentation,
    token: UnverifiedToken,
    allowed: ReadonlySet<string> | undefined,
  ): ReadToken | UnselectedToken {
    const selection = selectClient(this.clients, token, (issuer) => this.issuers.of(issuer).identifier, allowed);
    return this.#selected(presentation, token, selection);
  }

  #selected(presentation: Presentation, token: UnverifiedToken, selection: Selection): ReadToken | UnselectedToken {
    const { client, addressed } = selection;
    if (client === undefined) {
      return { decision: this.#refuse(selection), addressed, token, selection };
    }
    if (isRetired(client, this.clock.now())) {
      const { sunset, message } = client.deprecation ?? {};
      const failure: Failure = { check: 'retired', code: 'client_retired', expected: sunset };
      const facts = this.factsOf(client);
      const decision = refusedBecause(failure, message === undefined ? facts : { ...facts, message });
      return { decision, addressed, token, selection };
    }
    return { client, allowed: selection.allowed, selection, presentation, token };
  }

  /** The facts that a refusal tells of a client. */
  factsOf(client: Client): RefusedFacts {
    return { client: client.name, issuer: this.issuers.of(client.issuer).label };
  }

  #refuse({ code, addressed, issuer }: Extract<Selection, { readonly client?: undefined }>): RefusedDecision {
    // With exactly one client addressed, it is known which client refuses.
    const [client] = addressed.length === 1 ? addressed : [];
    return refusedBecause(
      { check: 'client', code },
      {
        ...(client && { client: client.name }),
        ...(issuer && { issuer: this.issuers.of(issuer).label }),
      },
    );
  }
}
