import type { EmbeddedProvider } from '../provider/embedded-provider';
import { CLIENTS, USERS, type SampleClient } from '../provider/realms';

/** A client that the mines API knows by that name. */
export function clientNamed(name: string): SampleClient {
  const client = CLIENTS.find((candidate) => candidate.name === name);
  if (client === undefined) {
    throw new Error(`there is no client ${name}`);
  }
  return client;
}

/** What the first of the users got an hour ago, and what was good for five minutes. */
export async function expiredToken(provider: EmbeddedProvider): Promise<string> {
  const [user] = USERS;
  if (user === undefined) {
    throw new Error('there are no users');
  }
  return provider.userToken(clientNamed('core-web'), user, Math.floor(Date.now() / 1000) - 3600);
}
