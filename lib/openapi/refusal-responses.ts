import type { ClientIndex } from '../core/client/client-index';
import type { Configuration } from '../configuration/resolve-configuration';
import { bodyOf } from '../passport/oidc-auth.exception';
import { REFUSALS, type RefusalCode } from '../core/refusal/refusal-code';
import { headerNamesFor, type RefusalHeaderName } from '../core/refusal/refusal-headers';
import type { RefusalDetail } from '../core/refusal/refusal-style';
import { AddedComponents } from './added-components';
import { componentsOf, type Components, type OpenApiDocument } from './open-api-document';

type Status = (typeof REFUSALS)[RefusalCode]['status'];

/** The component name and the meaning of each status. */
const MEANINGS: Readonly<Record<Status, { readonly name: string; readonly text: string }>> = {
  400: { name: 'OidcBadRequest', text: 'The token is not presented as it should be.' },
  401: { name: 'OidcUnauthorized', text: 'No token that is accepted.' },
  403: { name: 'OidcForbidden', text: 'The token is good and does not open this operation.' },
  503: { name: 'OidcServiceUnavailable', text: 'The token cannot be verified at the moment.' },
};

/** How the document describes each header. */
const HEADERS: Readonly<Record<RefusalHeaderName, object>> = {
  'WWW-Authenticate': { description: 'The challenge (RFC 6750 section 3).', schema: { type: 'string' } },
  'Retry-After': { description: 'Seconds until the next attempt makes sense.', schema: { type: 'integer' } },
  'DPoP-Nonce': { description: 'The nonce of the next proof (RFC 9449 section 9).', schema: { type: 'string' } },
  'Cache-Control': { description: '`no-store` beside a nonce.', schema: { type: 'string' } },
};

/**
 * The responses to refused requests. Operations with the same codes share a response.
 *
 * @internal
 */
export class RefusalResponses {
  readonly #responses: AddedComponents;
  readonly #schemas: AddedComponents;

  readonly #detail: RefusalDetail;
  readonly #impossible: ReadonlySet<RefusalCode>;

  constructor(document: OpenApiDocument, { refusalDetail, clients, possession, revocation }: Configuration) {
    this.#detail = refusalDetail;
    this.#impossible = impossibleWith(clients, possession, revocation);
    this.#responses = new AddedComponents(componentsOf(document, 'responses'));
    this.#schemas = new AddedComponents(componentsOf(document, 'schemas'));
  }

  /** The responses of the document, with those that were added. */
  get responses(): Components {
    return this.#responses.all;
  }

  /** The schemas of the document, with those that were added. */
  get schemas(): Components {
    return this.#schemas.all;
  }

  /**
   * References to the responses of an operation that may refuse with these codes, by status.
   *
   * @param asked the roles and scopes that the operation requires, in words; empty if the document does not show them.
   * @param authentication how the user must have been authenticated, in words; empty if it does not matter.
   */
  for(codes: readonly RefusalCode[], asked: string, authentication: string): Record<string, { readonly $ref: string }> {
    const possible = codes.filter((code) => !this.#impossible.has(code));
    const statuses = [...new Set(possible.map((code) => REFUSALS[code].status))];
    return Object.fromEntries(
      statuses.map((status) => {
        const response = this.#response(
          status,
          possible.filter((code) => REFUSALS[code].status === status),
          status === 403 ? asked : status === 401 ? authentication : '',
        );
        return [status, { $ref: `#/components/responses/${this.#responses.add(MEANINGS[status].name, response)}` }];
      }),
    );
  }

  #response(status: Status, codes: readonly RefusalCode[], asked: string): object {
    const list =
      this.#detail === 'none' ? '' : codes.map((code) => `- \`${code}\`: ${REFUSALS[code].message}`).join('\n');
    // With `refusalDetail: 'none'`, all bodies of a status are equal.
    const shown = this.#detail === 'none' ? codes.slice(0, 1) : codes;
    const examples = shown.map((code) => {
      const value = bodyOf({ code }, this.#detail);
      return [this.#detail === 'none' ? 'refusal' : code, { value }];
    });
    return {
      description: [MEANINGS[status].text, asked, list].filter((part) => part !== '').join('\n\n'),
      headers: headersOf(codes),
      content: {
        'application/json': {
          schema: { $ref: `#/components/schemas/${this.#schemas.add('OidcRefusal', this.#schema())}` },
          examples: Object.fromEntries(examples),
        },
      },
    };
  }

  #schema(): object {
    const text = { type: 'string' };
    const code = { ...text, enum: Object.keys(REFUSALS), description: 'Why: one of a closed set.' };
    return {
      type: 'object',
      properties: {
        statusCode: { type: 'integer', description: 'The status of the answer.' },
        message: { ...text, description: 'What the caller can mend.' },
        error: { ...text, description: 'The name of the status.' },
        ...(this.#detail !== 'none' && { code }),
      },
      required: ['statusCode', 'message', 'error', ...(this.#detail === 'none' ? [] : ['code'])],
    };
  }
}

const CODES_OF_POSSESSION: readonly RefusalCode[] = [
  'proof_required',
  'unbound_token',
  'binding_mismatch',
  'invalid_dpop_proof',
  'use_dpop_nonce',
];

/** The codes that cannot occur with the configured clients. */
function impossibleWith(
  { clients }: ClientIndex,
  possession: Configuration['possession'],
  revocation: Configuration['revocation'],
): ReadonlySet<RefusalCode> {
  const asksState =
    possession !== undefined ||
    clients.some(({ enrichment }) => enrichment !== undefined) ||
    (revocation?.store !== undefined && revocation.whenUnavailable === 'refuse');
  const isFetched = clients.some(
    ({ usesKeySet, issuer: { keySource } }) =>
      usesKeySet && (keySource.kind === 'discovery' || keySource.kind === 'jwksUri'),
  );
  const isAsked = clients.some(({ issuer }) => issuer.introspection !== undefined);
  const isRetiring = clients.some(({ deprecation }) => deprecation?.sunset !== undefined);
  return new Set<RefusalCode>([
    ...(isFetched ? [] : ['keys_unavailable' as const]),
    ...(isAsked ? [] : (['token_inactive', 'introspection_unavailable'] as const)),
    ...(isRetiring ? [] : ['client_retired' as const]),
    ...(possession === undefined ? CODES_OF_POSSESSION : []),
    ...(possession !== undefined && possession.nonce === undefined ? ['use_dpop_nonce' as const] : []),
    ...(revocation === undefined ? ['token_revoked' as const] : []),
    ...(asksState ? [] : ['state_unavailable' as const]),
  ]);
}

function headersOf(codes: readonly RefusalCode[]): object {
  return Object.fromEntries(headerNamesFor(codes).map((name) => [name, HEADERS[name]]));
}
