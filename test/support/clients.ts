import { resolveConfiguration, type Configuration } from '../../lib/configuration/resolve-configuration';
import type { OidcClientOptions, OidcMultiAuthOptions } from '../../lib/configuration/options';
import type { Client } from '../../lib/core/client/client';
import { importSecret, type VerificationKey } from '../../lib/core/key/verification-key';
import { UnverifiedToken } from '../../lib/core/token/unverified-token';

/**
 * A configuration as the module makes it.
 *
 * @param clients by the types of lib/ or of the package.
 */
export function configurationOf(
  clients: readonly object[],
  options: Omit<OidcMultiAuthOptions, 'clients'> = {},
): Configuration {
  return resolveConfiguration({ ...options, clients });
}

/** One client as the module makes it. */
export function clientOf(options: Partial<OidcClientOptions> = {}): Client {
  const configuration = configurationOf([{ name: 'a', audience: 'a', issuer: 'https://issuer.example', ...options }]);
  const [client] = configuration.clients.clients;
  if (client === undefined) {
    throw new Error('no client');
  }
  return client;
}

/** A key, for what asks for the one that signed a token and does not use it. */
export const SIGNER: VerificationKey = importSecret(Buffer.alloc(32));

/** A token with these contents and no signature to speak of. */
export function unverified(
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = { alg: 'RS256' },
): UnverifiedToken {
  const algorithm = typeof header['alg'] === 'string' ? header['alg'] : '';
  const spelling = { header: 'x', claims: 'y', signature: 'z' };
  return new UnverifiedToken(
    header,
    claims,
    JSON.stringify(claims),
    'x',
    Buffer.from('y'),
    algorithm,
    undefined,
    undefined,
    spelling,
  );
}
