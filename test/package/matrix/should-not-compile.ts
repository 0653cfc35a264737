import type { OidcClientOptions, OidcMultiAuthOptions, RefusalCode } from 'nestjs-oidc-multi-auth';
import { OidcMultiAuthModule } from 'nestjs-oidc-multi-auth';

export const complete: OidcClientOptions = { name: 'a', audience: 'a', issuer: 'https://a.example' };

// @ts-expect-error a client without audience
export const withoutAudience: OidcClientOptions = { name: 'a', issuer: 'https://a.example' };

// @ts-expect-error a client whose audience may be missing, as from an environment variable
export const mayBeMissing: OidcClientOptions = { ...complete, audience: process.env['AUDIENCE'] };

// @ts-expect-error a client without audience among the options of the module
OidcMultiAuthModule.forRoot({ clients: [complete, { name: 'b', issuer: 'https://b.example' }] });

// @ts-expect-error a client without audience in what a factory returns
OidcMultiAuthModule.forRootAsync({ useFactory: () => ({ clients: [{ name: 'b', issuer: 'https://b.example' }] }) });

// @ts-expect-error a client without name
export const withoutName: OidcClientOptions = { audience: 'a', issuer: 'https://a.example' };

// @ts-expect-error an algorithm that is none
export const none: OidcClientOptions = { name: 'a', audience: 'a', algorithms: ['none'] };

// @ts-expect-error a preset nobody knows
export const preset: OidcClientOptions = { name: 'a', audience: 'a', preset: 'gold' };

// @ts-expect-error a rule that waits
export const validate: OidcClientOptions = { name: 'a', audience: 'a', validate: async () => true };

// @ts-expect-error what shapes the module, in what a factory returns
export const options: OidcMultiAuthOptions = { clients: [complete], globalGuards: true };

// @ts-expect-error a misspelled option
OidcMultiAuthModule.forRoot({ clients: [complete], globalGuard: true });

// @ts-expect-error a code that is none of the closed set
export const code: RefusalCode = 'forbidden';

// @ts-expect-error a signature that is only reported
export const reportOnly: OidcClientOptions = { ...complete, strictness: { mode: 'report', signature: 'report' } };

// @ts-expect-error an expiry that is only reported
export const expiry: OidcClientOptions = { ...complete, strictness: { mode: 'report', exp: false } };
