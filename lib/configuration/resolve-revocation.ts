import type { RevocationSettings, TransmitterSettings } from '../core/revocation/revocation-settings';
import { REVOCATION_DEFAULTS } from './revocation-fields';
import type { OidcRevocationOptions, OidcSharedSignalsTransmitter } from './revocation-options';

/** The options for revocation, complete. They have no faults. */
export function resolveRevocation(options: OidcRevocationOptions | undefined): RevocationSettings | undefined {
  if (options === undefined) {
    return undefined;
  }
  const { store, maxTokenLifetime, whenUnavailable, maxLag, backchannelLogout, sharedSignals } = options;
  return {
    store,
    maxTokenLifetime: maxTokenLifetime ?? REVOCATION_DEFAULTS.maxTokenLifetime,
    whenUnavailable: whenUnavailable ?? REVOCATION_DEFAULTS.whenUnavailable,
    maxLag: maxLag ?? REVOCATION_DEFAULTS.maxLag,
    logoutPath: backchannelLogout && (backchannelLogout.path ?? REVOCATION_DEFAULTS.logoutPath),
    eventsPath: sharedSignals && (sharedSignals.path ?? REVOCATION_DEFAULTS.eventsPath),
    transmitters: sharedSignals?.transmitters.map(transmitterOf) ?? [],
  };
}

function transmitterOf({
  issuer,
  audience,
  issuers,
  jwksUri,
  authorization,
  pollEndpoint,
}: OidcSharedSignalsTransmitter): TransmitterSettings {
  return {
    issuer,
    audiences: new Set([audience].flat()),
    issuers: new Set(issuers),
    keys:
      jwksUri === undefined
        ? undefined
        : {
            issuer,
            possibleIssuers: [issuer],
            keySource: { kind: 'jwksUri', url: jwksUri },
            allowInsecureHttp: false,
          },
    authorization,
    pollEndpoint,
  };
}
