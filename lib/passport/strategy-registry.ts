import passport from 'passport';
import { strategyName, type OidcJwtStrategy } from './oidc-jwt.strategy';

/** Passport's process-wide registry of strategies by name. */
interface Registry {
  use(name: string, strategy: unknown): unknown;
  unuse(name: string): unknown;
  /** Passport's lookup, which is missing in its types. */
  _strategy(name: string): unknown;
}

/**
 * Registers the strategies of one application, so that a stock `AuthGuard('oidc:<client>')` finds them. Unregisters only
 * what it registered.
 *
 * @internal
 */
export class StrategyRegistry {
  readonly #registry: Registry = passport as unknown as Registry;
  readonly #registered = new Map<string, OidcJwtStrategy>();

  /** @returns the names that another running application had registered. */
  register(strategies: Iterable<readonly [string, OidcJwtStrategy]>): string[] {
    const taken: string[] = [];
    for (const [client, strategy] of strategies) {
      const name = strategyName(client);
      const holder = this.#registry._strategy(name);
      if (holder !== undefined && holder !== strategy) {
        taken.push(name);
      }
      this.#registry.use(name, strategy);
      this.#registered.set(name, strategy);
    }
    return taken;
  }

  /** @param clients the clients whose strategies are unregistered. Default: all. */
  unregister(clients?: Iterable<string>): void {
    const names = clients === undefined ? [...this.#registered.keys()] : [...clients].map(strategyName);
    for (const name of names) {
      const strategy = this.#registered.get(name);
      if (strategy !== undefined && this.#registry._strategy(name) === strategy) {
        this.#registry.unuse(name);
      }
      this.#registered.delete(name);
    }
  }
}
