/** One thing wrong with the configuration. */
export interface ConfigurationFault {
  /** The name of the client at fault, or its place where it has none; absent for a fault of the module's own options. */
  readonly client?: string | undefined;
  /** The option, or the environment variable, at fault. */
  readonly field: string;
  /** What is wrong. Never repeats a secret. */
  readonly problem: string;
  /** What would be right. */
  readonly remedy: string;
}

/** The configuration cannot be used: every fault at once. Thrown when the module starts. */
export class OidcConfigurationError extends Error {
  override readonly name: string = 'OidcConfigurationError';

  /** Tells faults: at least one. */
  constructor(
    /** All of them, in the order in which they were found. */
    readonly faults: readonly ConfigurationFault[],
  ) {
    super(
      [
        `nestjs-oidc-multi-auth: ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'} in the configuration:`,
        ...faults.map(describeFault),
      ].join('\n'),
    );
  }
}

function describeFault({ client, field, problem, remedy }: ConfigurationFault): string {
  return `  - ${client === undefined ? '' : `client ${client}: `}${field}: ${problem}; ${remedy}`;
}

/**
 * Collects faults, so that all are reported at once.
 *
 * @internal
 */
export class Faults {
  readonly #faults: ConfigurationFault[] = [];

  add(client: string | undefined, field: string, problem: string, remedy: string): void {
    this.#faults.push({ client, field, problem, remedy });
  }

  get count(): number {
    return this.#faults.length;
  }

  /** @throws OidcConfigurationError if there is any fault. */
  throwIfAny(): void {
    if (this.#faults.length > 0) {
      throw new OidcConfigurationError(this.#faults);
    }
  }
}
