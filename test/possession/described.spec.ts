import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { addOidcSecurity } from 'nestjs-oidc-multi-auth/openapi';
import { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import { ORIGIN, startApi } from './support';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await TestIssuer.start();
});
afterAll(() => issuer.stop());

const client = (name: string, requireSenderConstraint: boolean) => ({
  name,
  audience: name,
  issuer: issuer.issuer,
  requireSenderConstraint,
});

it.each([
  ['every client requires a constraint', [true, true], undefined, { dpop_bound_access_tokens_required: true }],
  ['one does not', [true, false], undefined, {}],
  ['certificates count too', [true, true], 'tls' as const, { tls_client_certificate_bound_access_tokens: true }],
])('R9728-14 R9728-08 the metadata says what is accepted: %s', async (_what, required, clientCertificate, said) => {
  const api = await startApi(issuer, {
    clients: required.map((each, index) => client(`client-${index}`, each)),
    proofOfPossession: { ...(clientCertificate && { clientCertificate }) },
    resourceMetadata: { resource: ORIGIN },
  });
  try {
    const { body } = await api.get('/.well-known/oauth-protected-resource');
    const { dpop_bound_access_tokens_required, tls_client_certificate_bound_access_tokens } = body;
    expect(
      JSON.parse(JSON.stringify({ dpop_bound_access_tokens_required, tls_client_certificate_bound_access_tokens })),
    ).toEqual(said);
    expect(body.dpop_signing_alg_values_supported).toEqual(['ES256', 'EdDSA', 'Ed25519', 'PS256', 'RS256']);
    const { headers } = await api.get('/mines');
    expect(headers.get('www-authenticate')?.startsWith('Bearer ')).toBe(!('dpop_bound_access_tokens_required' in said));
    expect(headers.get('www-authenticate')).toContain('DPoP realm="api", resource_metadata=');
  } finally {
    await api.close();
  }
});

it('OpenAPI documents name the scheme, the codes and the headers', async () => {
  const api = await startApi(issuer);
  try {
    const document = SwaggerModule.createDocument(api.app, new DocumentBuilder().build());
    const { components, paths } = addOidcSecurity(document, api.app, { clients: ['web', 'bound'], discovery: false });
    expect(components?.securitySchemes).toMatchObject({
      web: { type: 'http', scheme: 'bearer' },
      bound: { type: 'http', scheme: 'dpop', description: expect.stringContaining('bound to its sender') },
    });
    const text = JSON.stringify({ components, paths });
    for (const code of [
      'proof_required',
      'unbound_token',
      'binding_mismatch',
      'invalid_dpop_proof',
      'state_unavailable',
    ]) {
      expect(text).toContain(`\`${code}\``);
    }
    // No nonces are asked for.
    expect(text).not.toContain('`use_dpop_nonce`');
  } finally {
    await api.close();
  }
});
