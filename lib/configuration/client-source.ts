import type { InjectionToken, OptionalFactoryDependency, Type } from '@nestjs/common';
import type { OidcClientOptions } from './client-options';

/**
 * Says who the clients of an application are, while it runs: a table of tenants, a file, a service of configuration.
 *
 * @example
 * ```ts
 * const source: OidcClientSource = {
 *   load: async () => (await fetch('https://config.example/clients')).json(),
 *   watch: (changed) => {
 *     const timer = setInterval(changed, 10_000);
 *     return () => clearInterval(timer);
 *   },
 * };
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

/** A provider of a source of clients, that exists elsewhere. */
export interface OidcExistingClientSource {
  /** Its injection token. */
  readonly useExisting: InjectionToken;
}

/** A factory of a source of clients. */
export interface OidcClientSourceFactory {
  /** Makes the source, once, when the application starts. */
  // What is injected is the user's choice, and only the user knows its types.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly useFactory: (...injected: any[]) => OidcClientSource | Promise<OidcClientSource>;
  /** What it is called with, in this order. */
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[];
}

/** A source of clients: a class, which is instantiated with what it injects, an object, or a provider of one. */
export type OidcClientSourceOption =
  Type<OidcClientSource> | OidcClientSource | OidcExistingClientSource | OidcClientSourceFactory;
