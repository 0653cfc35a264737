export type { AccessFinding, AccessFindingCode, AccessOpenness } from './access-table/access-finding';
export { AccessTable, type DeclaredNames, type ExpectedAccess, type HandlerAccess } from './access-table/access-table';
export { describeAccess, type DescribeAccessOptions } from './access-table/describe-access';
export type { HandlerContext } from './access-table/handler';
export { OidcConfigurationError, type ConfigurationFault } from './configuration/configuration-error';
export { optionsFromEnv } from './configuration/options-from-env';
export type {
  JsonWebKeySet,
  OidcClientDeprecation,
  OidcClientOptions,
  OidcClientRules,
  OidcClientStrictness,
  OidcMultiAuthModuleExtras,
  OidcMultiAuthOptions,
  OidcMultiAuthOptionsFactory,
  OidcResourceMetadata,
  OidcTokenSources,
  OidcVerificationCacheOptions,
} from './configuration/options';
export type { AcceptedDecision, Decision, RefusedDecision } from './decision/decision';
export type {
  ExplainedClient,
  ExplainOptions,
  Explanation,
  ExplanationHint,
  ExplanationHintCode,
  ExplanationStep,
  ExplanationStepName,
} from './explanation/explanation';
export type { Algorithm, AsymmetricAlgorithm, SymmetricAlgorithm } from './key/algorithm';
export {
  AllRoles,
  Authenticated,
  Authorize,
  Clients,
  OptionalAuth,
  Public,
  Roles,
  Scopes,
} from './nest/access.decorators';
export type { AccessGuard } from './nest/access.guard';
export { authenticateConnections } from './nest/authenticate-connections';
export { CurrentUser } from './nest/current-user.decorator';
export { MultiJwtGuard } from './nest/multi-jwt.guard';
export { OidcAuthService } from './nest/oidc-auth.service';
export { OidcHealthIndicator, type OidcClientHealth, type OidcHealthResult } from './nest/oidc-health.indicator';
export { OidcMultiAuthModule, type OidcMultiAuthAsyncOptions } from './nest/oidc-multi-auth.module';
export { RolesGuard } from './nest/roles.guard';
export { DECISION_CHANNEL, type DecisionEvent } from './observation/decision-event';
export type { OidcClientUsage } from './observation/usage';
export type { OidcRequest } from './passport/oidc-request';
export type { ClaimPath } from './principal/claim-path';
export { OidcPrincipal, type VerifiedClaims } from './principal/oidc-principal';
export type { PresetName } from './provider-presets/presets';
export {
  OidcAuthException,
  type OidcAuthExceptionBody,
  type OidcAuthExceptionOptions,
} from './refusal/oidc-auth.exception';
export type { Refusal, RefusalCode } from './refusal/refusal-code';
export type { RefusalDetail } from './refusal/refusal-style';
export type { QualifiedRoles, RoleRequirement } from './roles/access';
export type { AccessPolicy, AccessPolicyType, AccessRequest, AccessRule } from './roles/access-rule';
export type { JsonObject } from './token/json-object';
export type { StrictnessRule } from './verification/strictness';
