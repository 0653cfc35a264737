/** The realms of the embedded provider: one shared by many applications, and one of somebody else. */
export const REALMS = ['standard', 'partners'] as const;
export type RealmName = (typeof REALMS)[number];

/** The secret of every client of the embedded provider that has one, which lives on loopback for as long as the sample runs. */
export const SECRET = 'sample-secret';

/** A client of the embedded provider. */
export interface SampleClient {
  /** Its name in the mines API; absent where the mines API does not know it. */
  readonly name?: string;
  readonly realm: RealmName;
  readonly clientId: string;
  /** Whether users log in at it in a browser, by authorization code with PKCE: then it has no secret (RFC 6749 section 2.1). */
  readonly isPublic?: boolean;
  /** The claims that its realm puts the roles of its service account into. */
  readonly roleClaims: Readonly<Record<string, unknown>>;
}

/** Who gets tokens from the embedded provider. */
export const CLIENTS: readonly SampleClient[] = [
  {
    name: 'core-web',
    realm: 'standard',
    clientId: 'mines-digital-services-mds-public-client-4414',
    isPublic: true,
    roleClaims: {},
  },
  { name: 'bcmi', realm: 'standard', clientId: 'mds-bcmi-4587', roleClaims: { client_roles: ['core_view_all'] } },
  { name: 'databc', realm: 'standard', clientId: 'mds-databc-4588', roleClaims: { client_roles: ['core_view_all'] } },
  {
    name: 'docman-celery',
    realm: 'standard',
    clientId: 'mds-docman-celery-internal-4865',
    roleClaims: { client_roles: ['core_edit_mines', 'core_close_mines'] },
  },
  {
    name: 'partner',
    realm: 'partners',
    clientId: 'partner-portal',
    roleClaims: { realm_access: { roles: ['mine_status_view'] } },
  },
  // Hundreds of applications share the realm. This one has a name that begins like that of bcmi, and every role.
  {
    realm: 'standard',
    clientId: 'mds-bcmi-4587-evil',
    roleClaims: { client_roles: ['core_view_all', 'core_edit_mines', 'core_close_mines'] },
  },
  // Somebody in the other realm called a client by the name of core-web.
  {
    realm: 'partners',
    clientId: 'mines-digital-services-mds-public-client-4414',
    roleClaims: { client_roles: ['core_view_all'], realm_access: { roles: ['core_view_all'] } },
  },
];

/** Somebody who logs in at a public client of the embedded provider, and the roles that its realm gives him or her there. */
export interface SampleUser {
  readonly username: string;
  readonly name: string;
  readonly roles: readonly string[];
}

export const USERS: readonly SampleUser[] = [
  { username: 'alice', name: 'Alice, inspector of mines', roles: ['core_view_all', 'core_edit_mines'] },
  { username: 'bob', name: 'Bob, reader', roles: ['core_view_all'] },
];

/** The password of every user of the embedded provider. */
export const PASSWORD = 'sample';
