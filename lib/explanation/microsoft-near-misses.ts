import { matchesForm } from '../configuration/presets/issuer-pattern';
import type { PresetName } from '../configuration/presets/preset-name';
import { PRESETS } from '../configuration/presets/presets';
import { withoutFinalSlash } from '../core/url';
import { audiencesIn } from '../core/client/select-client';
import { own, type JsonObject } from '../core/token/json-object';
import type { ExplanationHint } from './explanation';
import { hint } from './hint';
import { shown } from './wording';

/** How tokens name Microsoft Graph in `aud`: by its URL or by its application id. */
const GRAPH_AUDIENCES: ReadonlySet<string> = new Set([
  '00000003-0000-0000-c000-000000000000',
  'https://graph.microsoft.com',
]);

type EntraVersion = 'entra-v1' | 'entra-v2';

/** The version of a token that has the marks of Microsoft Entra ID; undefined without them. */
export function entraVersionOf(claims: JsonObject): EntraVersion | undefined {
  const [iss, tenant, version] = ['iss', 'tid', 'ver'].map((name) => own(claims, name));
  if (typeof iss !== 'string' || typeof tenant !== 'string' || !iss.includes(tenant)) {
    return undefined;
  }
  const name = version === '1.0' ? 'entra-v1' : version === '2.0' ? 'entra-v2' : undefined;
  return name !== undefined && hasFormOf(iss, name) ? name : undefined;
}

/** That a token of one version of Entra's came where those of the other are configured, for the same tenant. */
export function entraHints(claims: JsonObject, issuers: readonly string[]): ExplanationHint[] {
  const version = entraVersionOf(claims);
  const tenant = String(own(claims, 'tid'));
  const other = version === 'entra-v1' ? 'entra-v2' : 'entra-v1';
  const configured = issuers.find((issuer) => issuer.includes(tenant) && hasFormOf(issuer, other));
  if (version === undefined || configured === undefined) {
    return [];
  }
  const [has, wants, setting] = version === 'entra-v1' ? ['1.0', '2.0', '2'] : ['2.0', '1.0', 'null'];
  return [
    hint(
      version === 'entra-v1' ? 'entra_v1_token' : 'entra_v2_token',
      `ver is "${has}" and iss ${shown(own(claims, 'iss'))}, and issuer ${shown(configured)} is that of v${wants} tokens of the same ` +
        'tenant',
      `in the manifest of this API's app registration, set requestedAccessTokenVersion to ${setting} (under api); or configure what ` +
        `these tokens say: preset: '${version}' and this iss as issuer. Compare aud too: v2.0 tokens have the application id`,
    ),
  ];
}

/** That a token is for Microsoft Graph, which alone can verify its tokens. */
export function graphHints(header: JsonObject, claims: JsonObject): ExplanationHint[] {
  const audience = audiencesIn(claims, 'aud').find((aud) => GRAPH_AUDIENCES.has(withoutFinalSlash(aud)));
  const isNonced = Object.hasOwn(header, 'nonce') && entraVersionOf(claims) !== undefined;
  if (audience === undefined && !isNonced) {
    return [];
  }
  const evidence =
    audience === undefined
      ? 'its header has a nonce, as those of tokens for Microsoft Graph have'
      : `aud is ${shown(audience)}, which is Microsoft Graph`;
  return [
    hint(
      'graph_token',
      `${evidence}, and no other API can verify such a token`,
      'request a token with a scope of this API, such as api://<application id>/<scope> or api://<application id>/.default. A ' +
        'request with no scopes but User.Read, openid, profile and the like gets a token for Graph',
    ),
  ];
}

/** That Entra may sign with a key of this one application; empty where it may not, or the configuration says so already. */
export function applicationKeyHints(claims: JsonObject, keyUrls: readonly string[]): ExplanationHint[] {
  if (entraVersionOf(claims) === undefined || keyUrls.length === 0 || keyUrls.some((url) => /[?&]appid=/i.test(url))) {
    return [];
  }
  const [audience = '<application id>'] = audiencesIn(claims, 'aud');
  const id = /^api:\/\/([0-9a-f-]{36})$/.exec(audience)?.[1] ?? audience;
  // Documents of v1.0 tokens are at the host of v2.0 tokens too.
  const base = withoutFinalSlash(String(own(claims, 'iss'))).replace(
    /^https:\/\/sts\.windows\.net\//,
    'https://login.microsoftonline.com/',
  );
  return [
    hint(
      'key_of_application',
      'the token is of Microsoft Entra ID, which signs for applications with claims mapping or a signing key of their own by keys ' +
        'that are not in the common key set',
      `if this API's application has one, leave issuer as it is and give the client discoveryUrl: ${shown(`${base}/.well-known/openid-configuration?appid=${id}`)}`,
    ),
  ];
}

function hasFormOf(issuer: string, preset: PresetName): boolean {
  // Forms are written with https.
  const secure = issuer.replace(/^http:/, 'https:');
  return (PRESETS[preset].issuerForms ?? []).some((form) => matchesForm(secure, form));
}
