import type { InjectionToken, OptionalFactoryDependency, Type } from '@nestjs/common';
import type { OidcClientOptions } from './client-options';

/**
 * Says who the clients of an application are, while it runs: a table of tenants, a file, a service of configuration.
 *
 * @example
 * ```ts
 * @Injectable()
 * export class TenantClients implements OidcClientSource {
 *   constructor(private readonly tenants: TenantRepository) {}
 *
 *   async load(): Promise<OidcClientOptions[]> {
 *     const tenants = await this.tenants.find();
 *     return tenants.map(({ name, issuer }) => ({ name, issuer, audience: 'https://api.example' }));
 *   }
 * }
 * ```
 */
export interface OidcClientSource {
  /**
   * All clients of now. Called at start, by `OidcClients.reload()`, after each `changed()`, and again while it fails. What
   * it returns is checked whole, by the rules of `clients`: a fault, an empty list, and what does not arrive within
   * 10 seconds change nothing.
   */
  load(): Promise<readonly OidcClientOptions[]> | readonly OidcClientOptions[];
  /**
   * Begins to watch for changes. Called once, after the first `load()`.
   *
   * @param changed says that `load()` would now return something else. May be called at any time and any number of times.
   * @returns how to stop; called when the application shuts down.
   */
  watch?(changed: () => void): void | (() => void);
}

/** How a source of clients is provided, where it is neither an object nor a class that is instantiated here. */
export type OidcClientSourceProvider =
  | { readonly useExisting: InjectionToken }
  | {
      // What is injected is the user's choice, and only the user knows its types.
      // oxlint-disable-next-line typescript/no-explicit-any
      readonly useFactory: (...injected: any[]) => OidcClientSource | Promise<OidcClientSource>;
      readonly inject?: (InjectionToken | OptionalFactoryDependency)[];
    };

/** A source of clients: a class, which is instantiated with what it injects, an object, or a provider of one. */
export type OidcClientSourceOption = Type<OidcClientSource> | OidcClientSource | OidcClientSourceProvider;
