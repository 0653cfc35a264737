import './refuse-production';

export { toHaveAccess, type AccessMatcherResult } from './access-matcher';
export type { TestLogoutTokenOptions, TestSecurityEventOptions } from './event-tokens';
export type { TestIntrospectionFault } from './introspection-fault';
export type { TestIssuerOutage } from './issuer-server';
export type { TestModuleBuilder } from './override-runtime';
export { revocationStoreCases, type RevocationStoreCase, type StoreUnderTest } from './revocation-store-cases';
export type { TestIntrospection, TestIntrospectionRequest } from './test-introspection';
export { TestIssuer } from './test-issuer';
export type { TestIssuerOptions, TestOutageOptions, TestSignOptions } from './test-issuer-options';
export { replayStoreTests, type ReplayStoreTest } from './replay-store-suite';
export { TestProofKey, type TestProofOptions } from './test-proof-key';
export { testPrincipal, type TestPrincipalOptions } from './test-principal';
export type { TestUser, TestUserOf, TestUserRequest } from './test-users';
export type { TestTokenOptions } from './token-claims';
export { withTestIssuer } from './with-test-issuer';
export { withUser } from './with-user';
