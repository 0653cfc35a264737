import type { InjectionToken, ModuleMetadata, OptionalFactoryDependency, Type } from '@nestjs/common';
import type {
  OidcClientSourceExtra,
  OidcMultiAuthModuleExtras,
  OidcMultiAuthOptions,
  OidcMultiAuthOptionsFactory,
  OidcSourcedOptions,
} from '../../configuration/options';

/** How `forRootAsync` gets the options: by one of `useFactory`, `useClass` and `useExisting`. */
export interface OidcMultiAuthAsyncOptions extends OidcMultiAuthModuleExtras {
  /** Modules that export what `inject`, `useClass` or `useExisting` need. */
  readonly imports?: ModuleMetadata['imports'] | undefined;
  /** What `useFactory` is called with, in this order. */
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[] | undefined;
  /** Makes the options. */
  // What is injected is the user's choice, and only the user knows its types.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly useFactory?: ((...injected: any[]) => Promise<OidcMultiAuthOptions> | OidcMultiAuthOptions) | undefined;
  /** A class that makes the options; instantiated here. */
  readonly useClass?: Type<OidcMultiAuthOptionsFactory> | undefined;
  /** A provider that makes the options; found among `imports`. */
  readonly useExisting?: Type<OidcMultiAuthOptionsFactory> | undefined;
}

/** The same where a source says who the clients are. */
export interface OidcSourcedAsyncOptions
  extends OidcClientSourceExtra, Omit<OidcMultiAuthAsyncOptions, 'useFactory' | 'useClass' | 'useExisting'> {
  /** Makes the options. */
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly useFactory?: ((...injected: any[]) => Promise<OidcSourcedOptions> | OidcSourcedOptions) | undefined;
  /** A class that makes the options; instantiated here. */
  readonly useClass?: Type<OidcSourcedOptionsFactory> | undefined;
  /** A provider that makes the options; found among `imports`. */
  readonly useExisting?: Type<OidcSourcedOptionsFactory> | undefined;
}

/** What a class given as `useClass` or `useExisting` implements, where a source says who the clients are. */
export interface OidcSourcedOptionsFactory {
  /** Makes the options, once, when the application starts. */
  createOidcMultiAuthOptions(): Promise<OidcSourcedOptions> | OidcSourcedOptions;
}
