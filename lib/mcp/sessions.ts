import type { OidcPrincipal } from '../core/principal/oidc-principal';
import { carriers } from './message-context';

/** The members of `StreamableHttpTransport` that sessions are opened and closed by. */
export interface SessionHooks {
  readonly statefulMode: boolean;
  readonly transports: Readonly<Record<string, unknown>>;
  sessionIdGenerator: () => string;
  cleanupSession: (id: string) => Promise<void>;
}

/** Who opened a session: issuer, subject and client, or nobody who can be told from others. */
type Owner = string | symbol;

const ANONYMOUS = 'anonymous';

/** Remembers who opened each session of a transport (revisions before 2026-07-28). */
export class SessionOwners {
  readonly #owners = new Map<string, Owner>();

  constructor(private readonly hooks: SessionHooks) {
    const generate = hooks.sessionIdGenerator;
    const cleanUp = hooks.cleanupSession;
    hooks.sessionIdGenerator = () => {
      const id = generate.call(hooks);
      this.#prune();
      this.#owners.set(id, ownerOf(carriers.getStore()?.principal));
      return id;
    };
    hooks.cleanupSession = (id) => {
      this.#owners.delete(id);
      return cleanUp.call(hooks, id);
    };
  }

  /** Whether a caller may use the session that it names. A transport without sessions looks at no name. */
  isOwn(id: unknown, principal: OidcPrincipal | undefined): boolean {
    if (!this.hooks.statefulMode || id === undefined) {
      return true;
    }
    return typeof id === 'string' && this.#owners.has(id) && this.#owners.get(id) === ownerOf(principal);
  }

  /** Forgets ids of sessions that were never opened. */
  #prune(): void {
    const open = Object.keys(this.hooks.transports).length;
    if (this.#owners.size > 2 * open + 1000) {
      for (const id of this.#owners.keys()) {
        if (!Object.hasOwn(this.hooks.transports, id)) {
          this.#owners.delete(id);
        }
      }
    }
  }
}

function ownerOf(principal: OidcPrincipal | undefined): Owner {
  if (principal === undefined) {
    return ANONYMOUS;
  }
  const { issuer, subject, client } = principal;
  // Two callers without a subject cannot be told apart. Their sessions belong to nobody.
  return subject === undefined ? Symbol('no subject') : JSON.stringify([issuer, subject, client]);
}
