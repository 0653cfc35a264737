import './refuse-production';

export {
  TestIssuer,
  type TestIssuerOptions,
  type TestIssuerOutage,
  type TestSignOptions,
  type TestTokenOptions,
} from './test-issuer';
export { testPrincipal, type TestPrincipalOptions } from './test-principal';
