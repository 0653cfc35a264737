import { ALGORITHMS } from '../core/key/algorithm';
import { isSupported } from '../core/key/fitting-algorithms';
import { usesKeySet } from './build-client';
import type { Faults } from './configuration-error';
import type { OidcClientOptions } from './options';

/** Checks that the algorithms of a client can be verified with its secret or its keys. */
export function checkKeys(label: string, client: OidcClientOptions, faults: Faults): void {
  const { algorithms, secret } = client;
  const bytes = secret === undefined ? 0 : Buffer.from(secret).byteLength;
  for (const algorithm of algorithms ?? (secret === undefined ? [] : ['HS256' as const])) {
    const definition = ALGORITHMS.get(algorithm);
    if (definition?.family !== 'HMAC') {
      if (!usesKeySet(client)) {
        faults.add(
          label,
          'algorithms',
          `${algorithm} is verified with public keys, and this client has a secret`,
          'list HS256, HS384 or HS512 only, or say where its public keys are by discoveryUrl or jwksUri',
        );
      } else if (!isSupported(algorithm)) {
        faults.add(
          label,
          'algorithms',
          `Node.js ${process.versions.node} cannot verify ${algorithm}`,
          'run a version that has it (24.7 or later), or leave it out',
        );
      }
    } else if (secret === undefined) {
      faults.add(
        label,
        'algorithms',
        `${algorithm} is symmetric, and this client has no secret`,
        "leave it out: the issuer's public keys verify RS, PS, ES and EdDSA",
      );
    } else if (bytes < definition.minimumKeyBytes) {
      faults.add(
        label,
        'secret',
        `has ${bytes} bytes, too few for ${algorithm}`,
        `give at least ${definition.minimumKeyBytes} bytes of randomness (RFC 7518 section 3.2)`,
      );
    }
  }
}
