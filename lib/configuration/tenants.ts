import type { Faults } from './configuration-error';
import { list, refined, type FieldCheck } from './field-check';
import { arrayOf } from './json-schema';
import type { OidcClientOptions } from './options';

/** The place for a tenant in an issuer or a URL, as Microsoft writes it in its discovery documents. */
export const TENANT_PLACE = '{tenantid}';

/** The options that may contain the place for a tenant. */
const TEMPLATES = ['issuer', 'discoveryUrl', 'discoveryIssuer', 'jwksUri'] as const;

/** One segment of a path or one label of a host name: no character that would end it. */
const TENANT = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

const TENANTS_REMEDY = 'list the identifiers of the tenants whose tokens are accepted';

/** What `tenants` must be by itself. */
export const TENANTS: FieldCheck = refined(
  list(TENANTS_REMEDY),
  (value) => {
    const tenants: readonly unknown[] = Array.isArray(value) ? value : [];
    const wrong = tenants.find((tenant) => typeof tenant !== 'string' || !TENANT.test(tenant));
    if (wrong !== undefined) {
      return [`${JSON.stringify(wrong)} is not of letters, digits and ._- alone`, TENANTS_REMEDY];
    }
    return new Set(tenants).size === tenants.length ? undefined : ['names a tenant twice', 'name each once'];
  },
  { ...arrayOf({ type: 'string', pattern: TENANT.source }), uniqueItems: true },
);

/**
 * Checks that `tenants` and the places for them are given together. Keys that tenants share would let a token of one tenant
 * pass for a token of another.
 */
export function checkTenants(label: string, client: OidcClientOptions, faults: Faults): void {
  const given = TEMPLATES.filter((field) => client[field] !== undefined);
  const templates = given.filter((field) => client[field]?.includes(TENANT_PLACE));
  if (client.tenants === undefined) {
    if (templates.length > 0) {
      faults.add(
        label,
        'tenants',
        `is missing: ${templates[0]} has the place ${TENANT_PLACE}`,
        'list the tenants whose tokens are accepted; there is no way to accept those of any',
      );
    }
    return;
  }
  for (const field of given.filter((other) => !templates.includes(other))) {
    faults.add(
      label,
      field,
      `has no place for a tenant, and tenants are given`,
      `write ${TENANT_PLACE} where the tenant stands, or leave tenants out`,
    );
  }
  for (const field of ['jwks', 'publicKey'] as const) {
    if (client[field] !== undefined) {
      faults.add(
        label,
        field,
        'would be the keys of every tenant alike',
        `leave it out, so that each tenant's own keys are fetched, or give jwksUri with ${TENANT_PLACE}`,
      );
    }
  }
}

/** One client for each tenant, with exact issuers and URLs. A client without tenants stays as it is. */
export function expandTenants(client: OidcClientOptions): readonly OidcClientOptions[] {
  const { tenants, ...rest } = client;
  return tenants === undefined
    ? [client]
    : tenants.map((tenant) => ({
        ...rest,
        ...Object.fromEntries(
          TEMPLATES.flatMap((field) => {
            const template = client[field];
            return template === undefined ? [] : [[field, template.replaceAll(TENANT_PLACE, tenant)]];
          }),
        ),
      }));
}
