/** Compiled with `moduleResolution: node10`, which does not read `exports` of a package.json. */
import 'reflect-metadata';
import { OidcMultiAuthModule, type OidcMultiAuthOptions } from 'nestjs-oidc-multi-auth';
import schema from 'nestjs-oidc-multi-auth/options.schema.json';
import { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import 'nestjs-oidc-multi-auth/testing/jest';

export const title: string = schema.title;
export const start: () => Promise<TestIssuer> = () => TestIssuer.start();

// @ts-expect-error a client without audience: the types are found, and are no `any`
export const options: OidcMultiAuthOptions = { clients: [{ name: 'a', issuer: 'https://a.example' }] };

export const auth = OidcMultiAuthModule.forRoot({
  clients: [{ name: 'a', audience: 'a', issuer: 'https://a.example' }],
});
