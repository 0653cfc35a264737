import './refuse-production';

export { toHaveAccess, type AccessMatcherResult } from './access-matcher';
export {
  TestIssuer,
  type TestIssuerOptions,
  type TestIssuerOutage,
  type TestSignOptions,
  type TestTokenOptions,
} from './test-issuer';
export { testPrincipal, type TestPrincipalOptions } from './test-principal';
