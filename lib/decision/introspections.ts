import type { IssuerConfiguration } from '../core/client/client';
import { isB64Token } from '../core/token/bearer';
import type { Issuers } from '../issuer/issuers';
import { IntrospectionProver, type ProverServices } from './introspection-prover';

/**
 * The issuers that are asked about tokens. An opaque token belongs to one of them, or to none: no token is ever sent to a
 * second one.
 *
 * @internal
 */
export class Introspections {
  /** The longest prefix first. */
  readonly #provers: readonly IntrospectionProver[];
  readonly #byIssuer: ReadonlyMap<string, IntrospectionProver>;

  private constructor(provers: readonly IntrospectionProver[]) {
    this.#provers = [...provers].sort(
      (one, other) => other.settings.tokenPrefix.length - one.settings.tokenPrefix.length,
    );
    this.#byIssuer = new Map(provers.map((prover) => [prover.configuration.issuer ?? '', prover]));
  }

  /**
   * @param previous the issuers that were asked before an exchange of clients. Bounds go on, and answers where nothing changed.
   * @returns undefined where no issuer is asked.
   */
  static of(
    configurations: Iterable<IssuerConfiguration>,
    issuers: Issuers,
    services: ProverServices,
    previous?: Introspections,
  ): Introspections | undefined {
    const byIssuer = new Map<string | undefined, IntrospectionProver>();
    for (const configuration of configurations) {
      const { introspection, issuer } = configuration;
      if (introspection !== undefined && !byIssuer.has(issuer)) {
        const asked = issuers.of(configuration);
        const before = previous?.proverOfIssuer(configuration);
        byIssuer.set(issuer, new IntrospectionProver(configuration, introspection, asked, services, before));
      }
    }
    return byIssuer.size === 0 ? undefined : new Introspections([...byIssuer.values()]);
  }

  get all(): readonly IntrospectionProver[] {
    return this.#provers;
  }

  /** The one issuer that an opaque token can be of; undefined for none, and for what is no token of that kind. */
  proverOf(token: string, maxTokenBytes: number): IntrospectionProver | undefined {
    return token.length <= maxTokenBytes && isB64Token(token) && !looksLikeJwt(token)
      ? this.#provers.find(({ settings }) => token.startsWith(settings.tokenPrefix))
      : undefined;
  }

  /** The issuer, if it is asked about tokens. */
  proverOfIssuer({ issuer = '' }: IssuerConfiguration): IntrospectionProver | undefined {
    return this.#byIssuer.get(issuer);
  }

  /** The issuer that is asked about JWTs too, if this one is. */
  proverOfJwt(issuer: IssuerConfiguration): IntrospectionProver | undefined {
    const prover = this.proverOfIssuer(issuer);
    return prover?.settings.jwts === true ? prover : undefined;
  }

  close(): void {
    for (const prover of this.#provers) {
      prover.close();
    }
  }
}

/** A JWS or JWE that cannot be read is malformed, and not opaque: it must not be sent to whoever takes opaque tokens. */
function looksLikeJwt(token: string): boolean {
  return token.startsWith('eyJ') && token.includes('.');
}
