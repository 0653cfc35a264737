import { authOptions } from '../auth.options';
import type { EmbeddedProvider } from '../provider/embedded-provider';
import { PASSWORD, USERS } from '../provider/realms';

/** The client that people log in at. */
const CLIENT = 'core-web';

/** What the page has to know before it can do anything. Nothing in it is secret. */
export interface Settings {
  /** Where users log in; absent if the mines API accepts no tokens of core-web. */
  readonly login?: {
    readonly client: string;
    readonly clientId: string;
    readonly discoveryUrl: string;
  };
  /** Who can log in at the provider that the sample has started; absent with a real one, whose keys and secrets are its own. */
  readonly embeddedProvider?: {
    readonly users: readonly { readonly username: string; readonly name: string }[];
    readonly password: string;
  };
}

export function settingsOf(provider: EmbeddedProvider | undefined): Settings {
  const client = authOptions().clients.find(({ name }) => name === CLIENT);
  const [clientId] = [client?.audience].flat();
  const discoveryUrl = client?.discoveryUrl;
  const users = USERS.map(({ username, name }) => ({ username, name }));
  return {
    ...(clientId === undefined || discoveryUrl === undefined
      ? {}
      : { login: { client: CLIENT, clientId, discoveryUrl } }),
    ...(provider === undefined ? {} : { embeddedProvider: { users, password: PASSWORD } }),
  };
}
