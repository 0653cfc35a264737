/** A test issuer is no issuer: whatever imports this module must not run in production. */
if (process.env['NODE_ENV'] === 'production') {
  throw new Error('nestjs-oidc-multi-auth/testing must not be imported when NODE_ENV is "production"');
}
