import type { PossessionSettings } from '../../core/proof/possession-settings';
import type { DpopStyle, RefusalStyle } from '../../core/refusal/refusal-style';
import type { OidcRequest } from '../../core/token/oidc-request';
import type { Configuration } from '../../configuration/resolve-configuration';

/** What of a configuration decides how refusals look. */
type Styling = Pick<Configuration, 'realm' | 'refusalDetail' | 'possession'>;

/** The style of refusals for a request; without one, for no resource in particular. */
export function styleOf(
  { realm, refusalDetail, possession }: Styling,
  request?: OidcRequest,
  resourceMetadata?: string,
): RefusalStyle {
  return possession === undefined
    ? { realm, detail: refusalDetail, resourceMetadata }
    : { realm, detail: refusalDetail, resourceMetadata, dpop: dpopStyleOf(possession, request) };
}

/** The schemes of the `Authorization` header under which tokens are accepted. */
export function schemesOf({ possession }: Pick<Configuration, 'possession'>): 'Bearer' | 'DPoP' | 'both' {
  if (possession === undefined) {
    return 'Bearer';
  }
  return possession.acceptsBearer ? 'both' : 'DPoP';
}

function dpopStyleOf({ namedAlgorithms, acceptsBearer }: PossessionSettings, request?: OidcRequest): DpopStyle {
  const scheme = request?.headers?.authorization;
  const isUsed = typeof scheme === 'string' && /^dpop(?: |$)/i.test(scheme);
  return { algorithms: namedAlgorithms.join(' '), acceptsBearer, isUsed };
}
