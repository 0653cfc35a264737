import { inherit } from '../configuration/inherit';
import type { OidcClientOptions, OidcMultiAuthOptions } from '../configuration/options';

/**
 * Where a client's tokens are to come from instead, with the keys where those are not fetched.
 *
 * @internal
 */
export type NewPlace = Pick<OidcClientOptions, 'issuer' | 'jwks'>;

/** All that a client may say of where its tokens and their keys come from. */
const NOWHERE: Partial<OidcClientOptions> = {
  issuer: undefined,
  tenants: undefined,
  discoveryUrl: undefined,
  discoveryIssuer: undefined,
  jwksUri: undefined,
  jwks: undefined,
  publicKey: undefined,
  jwksUriOrigin: undefined,
  allowInsecureHttp: undefined,
};

/**
 * The same options with clients of other issuers: each client has what it inherits written out, and its place replaced.
 * How the old issuers were reached (`dispatcher`) is left out.
 *
 * @internal
 */
export function moveClients(
  options: OidcMultiAuthOptions,
  placeOf: (client: OidcClientOptions) => NewPlace,
): OidcMultiAuthOptions {
  const clients = options.clients.map((client) => {
    const complete = inherit(client, options.defaults ?? {});
    return { ...complete, ...NOWHERE, ...placeOf(complete) };
  });
  return { ...options, clients, defaults: undefined, dispatcher: undefined };
}
