export type { AccessFinding, AccessFindingCode, AccessOpenness } from './nest/access-table/access-finding';
export {
  AccessTable,
  type DeclaredNames,
  type ExpectedAccess,
  type HandlerAccess,
} from './nest/access-table/access-table';
export { describeAccess, type DescribeAccessOptions } from './nest/access-table/describe-access';
export type { HandlerContext } from './nest/access-table/handler';
export { OidcConfigurationError, type ConfigurationFault } from './configuration/configuration-error';
export { optionsFromEnv } from './configuration/options-from-env';
export type {
  JsonWebKeySet,
  OidcCertificateHeader,
  OidcBackchannelLogoutOptions,
  OidcRevocationOptions,
  OidcSharedSignalsOptions,
  OidcSharedSignalsTransmitter,
  OidcClientDeprecation,
  OidcClientEnrichment,
  OidcClientIntrospection,
  OidcClientOptions,
  OidcClientRules,
  OidcClientSource,
  OidcClientSourceExtra,
  OidcClientSourceOption,
  OidcClientSourceFactory,
  OidcExistingClientSource,
  OidcClientStrictness,
  OidcMultiAuthModuleExtras,
  OidcMultiAuthOptions,
  OidcMultiAuthOptionsFactory,
  OidcProofNonce,
  OidcProofOfPossession,
  OidcResourceMetadata,
  OidcSourcedOptions,
  OidcTokenSources,
  OidcVerificationCacheOptions,
} from './configuration/options';
export type { IntrospectionMethod } from './core/introspection/settings';
export type { FetchHeaders } from './core/client/client';
export type { AcceptedDecision, Decision, RefusedDecision } from './core/decision/decision';
export type {
  ExplainedClient,
  ExplainedRequest,
  ExplainOptions,
  Explanation,
  ExplanationHint,
  ExplanationHintCode,
  ExplanationStep,
  ExplanationStepName,
} from './explanation/explanation';
export type { ClaimScalar } from './core/checks/required-claims';
export type { Algorithm, AsymmetricAlgorithm, SymmetricAlgorithm } from './core/key/algorithm';
export {
  AllRoles,
  Authenticated,
  AuthenticationContext,
  Authorize,
  Clients,
  OptionalAuth,
  Public,
  Roles,
  Scopes,
} from './nest/access/access.decorators';
export type { AccessGuard } from './nest/guards/access.guard';
export { authenticateConnections } from './nest/connections/authenticate-connections';
export { CurrentUser } from './nest/guards/current-user.decorator';
export { MultiJwtGuard } from './nest/guards/multi-jwt.guard';
export { OidcClients, type OidcClientDescription } from './nest/module/oidc-clients.service';
export { clientsFromFile } from './nest/directory/clients-from-file';
export type { OidcDirectoryStatus } from './nest/directory/directory-state';
export { CLIENTS_CHANNEL, type OidcClientsChange, type OidcClientsEvent } from './observation/clients-events';
export { OidcAuthService } from './nest/module/oidc-auth.service';
export {
  OidcHealthIndicator,
  type OidcClientHealth,
  type OidcHealthResult,
  type OidcIntrospectionHealth,
  type OidcRevocationHealth,
} from './nest/module/oidc-health.indicator';
export {
  OidcRevocations,
  type OidcRevocationStatus,
  type OidcTransmitterStatus,
} from './nest/module/oidc-revocations.service';
export { OidcMultiAuthModule } from './nest/module/oidc-multi-auth.module';
export type {
  OidcMultiAuthAsyncOptions,
  OidcSourcedAsyncOptions,
  OidcSourcedOptionsFactory,
} from './nest/module/async-options';
export { RolesGuard } from './nest/guards/roles.guard';
export { DECISION_CHANNEL, type DecisionEvent } from './core/decision/decision-event';
export { REVOCATION_CHANNEL, type RevocationEvent } from './observation/revocation-events';
export { INTROSPECTION_CHANNEL, type IntrospectionEvent } from './observation/introspection-events';
export type { OidcClientUsage } from './observation/usage';
export type { OidcRequest } from './core/token/oidc-request';
export type { ClaimPath } from './core/principal/claim-path';
export type { Enrich, OidcEnrichment } from './core/client/enrichment';
export { OidcPrincipal, type OidcPrincipalInit, type VerifiedClaims } from './core/principal/oidc-principal';
export type { PresetName } from './configuration/presets/preset-name';
export {
  OidcAuthException,
  type OidcAuthExceptionBody,
  type OidcAuthExceptionOptions,
} from './passport/oidc-auth.exception';
export type { CertificateFormat } from './core/proof/certificate';
export type { ReplayStore } from './core/proof/replay-store';
export type { Refusal, RefusalCode } from './core/refusal/refusal-code';
export { MemoryRevocationStore } from './decision/memory-revocation-store';
export type { RevocationEntry, RevocationKind, RevocationOrigin } from './core/revocation/revocation';
export type { RevocationBatch, RevocationStore } from './core/revocation/revocation-store';
export type { RefusalDetail } from './core/refusal/refusal-style';
export type { AccessStepName, QualifiedRoles, RoleRequirement } from './core/access/access-kinds';
export type { AuthenticationRequirement } from './core/access/authentication-requirement';
export { StepUpRequired } from './passport/step-up-required';
export type { AccessPolicy, AccessPolicyType, AccessRequest, AccessRule } from './nest/access/access-rule';
export type { JsonObject } from './core/token/json-object';
export type { StrictnessRule } from './core/checks/strictness';
