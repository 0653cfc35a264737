import { inherit } from '../configuration/inherit';
import type { OidcClientOptions, OidcMultiAuthOptions } from '../configuration/options';
import { applyPreset } from '../configuration/presets/apply-preset';

/**
 * The new source of a client's tokens, with the keys where they are not fetched.
 *
 * @internal
 */
export type NewPlace = Pick<OidcClientOptions, 'issuer' | 'jwks'>;

/** Every option that says where a client's tokens and their keys come from. */
const NOWHERE: Partial<OidcClientOptions> = {
  issuer: undefined,
  tenants: undefined,
  discoveryUrl: undefined,
  discoveryIssuer: undefined,
  jwksUri: undefined,
  jwks: undefined,
  publicKey: undefined,
  jwksUriOrigin: undefined,
  fetchHeaders: undefined,
  dispatcher: undefined,
  allowInsecureHttp: undefined,
};

/**
 * The same options with other issuers: inherited options are written into each client, and its source is replaced. A client whose
 * audience is in `iss` gets the new issuer for its audience. The `dispatcher` for the old issuers is left out.
 *
 * @internal
 */
export function moveClients(
  options: OidcMultiAuthOptions,
  placeOf: (client: OidcClientOptions) => NewPlace,
): OidcMultiAuthOptions {
  const clients = options.clients.map((client) => {
    const complete = inherit(client, options.defaults ?? {});
    const place = placeOf(complete);
    const audience = applyPreset(complete).audienceClaim === 'iss' ? place.issuer : undefined;
    const introspection = introspectionAt(place, complete.introspection);
    return { ...complete, ...NOWHERE, ...place, introspection, ...(audience !== undefined && { audience }) };
  });
  return { ...options, clients, defaults: undefined, dispatcher: undefined };
}

/** A test asks no issuer of the application: the new issuer's document names the endpoint, and without one nobody is asked. */
function introspectionAt(
  { issuer, jwks }: NewPlace,
  introspection: OidcClientOptions['introspection'],
): OidcClientOptions['introspection'] {
  return introspection === undefined || issuer === undefined || jwks !== undefined
    ? undefined
    : { ...introspection, endpoint: undefined };
}
