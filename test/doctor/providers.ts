import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { OidcClientOptions, OidcMultiAuthOptions } from '../../lib/configuration/options';
import { examine } from '../../lib/doctor/doctor';
import type { DoctorReport } from '../../lib/doctor/report';
import { configurationOf } from '../support/clients';

export type Jwk = Record<string, unknown>;

/** By way of DER: a JWK straight after synchronous generation is not reliable everywhere. */
function publicJwk({ publicKey }: { publicKey: KeyObject }): Jwk {
  const key = publicKey.export({ format: 'der', type: 'spki' });
  return { ...createPublicKey({ key, format: 'der', type: 'spki' }).export({ format: 'jwk' }) };
}

export const rsa = (modulusLength: number): Jwk => publicJwk(generateKeyPairSync('rsa', { modulusLength }));
export const ec = (namedCurve = 'P-256'): Jwk => publicJwk(generateKeyPairSync('ec', { namedCurve }));

const running: Server[] = [];

/** Starts a server on 127.0.0.1. */
export async function serve(
  listener: RequestListener,
  tls?: { readonly cert: string; readonly key: string },
): Promise<string> {
  const server = tls === undefined ? createServer(listener) : createTlsServer({ ...tls }, listener);
  running.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Stops every server there is. */
export function stopServers(): void {
  for (const server of running.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
}

/** What a provider says; by default what is right. */
export interface ProviderParts {
  /** Members that replace those of the document, given what is right. */
  readonly document?: (issuer: string) => object;
  readonly keys?: readonly unknown[];
  /** Answers instead of the key set. */
  readonly keySet?: RequestListener;
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** Starts a provider of the layout of Keycloak. @returns its issuer. */
export async function startProvider({ document, keys, keySet, tls }: ProviderParts = {}): Promise<string> {
  let issuer = '';
  const origin = await serve((request, response) => {
    response.setHeader('content-type', 'application/json');
    switch (request.url) {
      case '/realms/mines/.well-known/openid-configuration': {
        const right = { issuer, jwks_uri: `${issuer}/protocol/openid-connect/certs` };
        response.end(JSON.stringify({ ...right, ...document?.(issuer) }));
        return;
      }
      case '/realms/mines/protocol/openid-connect/certs':
        if (keySet === undefined) {
          response.end(JSON.stringify({ keys: keys ?? [{ ...ec(), kid: 'k1' }] }));
        } else {
          keySet(request, response);
        }
        return;
      default:
        response.writeHead(404).end('{}');
    }
  }, tls);
  issuer = `${origin}/realms/mines`;
  return issuer;
}

/** A client that nothing is to be said of. */
export function clientAt(issuer: string, options: Partial<OidcClientOptions> = {}): OidcClientOptions {
  return { name: 'bcmi', audience: 'mds-bcmi-4587', issuer, roles: 'client_roles', ...options };
}

/** Examines clients as the command does. */
export function examineClients(
  clients: readonly OidcClientOptions[],
  options: Omit<OidcMultiAuthOptions, 'clients'> = {},
  isProduction = false,
): Promise<DoctorReport> {
  return examine(configurationOf(clients, options), { isProduction });
}
