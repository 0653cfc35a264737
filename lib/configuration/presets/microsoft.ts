import type { Preset } from './preset';

const MAKER = 'Microsoft';

/** Presets of Microsoft's products. Their issuers look alike and differ in the final slash. */
export const MICROSOFT: Readonly<Record<'adfs' | 'azure-ad-b2c' | 'entra-v1' | 'entra-v2', Preset>> = {
  adfs: {
    provider: 'AD FS',
    maker: MAKER,
    // No forms: an administrator sets the federation service identifier.
    settings: { authorizedPartyClaim: 'appid', accessTokenClaims: { appid: true }, scopes: ['scp'] },
  },
  'azure-ad-b2c': {
    provider: 'Azure AD B2C',
    maker: MAKER,
    issuerForms: ['https://{host}/{guid}/v2.0/', 'https://{host}/tfp/{guid}/{policy}/v2.0/'],
    hostedForms: [
      'https://{tenant}.b2clogin.com/{guid}/v2.0/',
      'https://{tenant}.b2clogin.com/tfp/{guid}/{policy}/v2.0/',
    ],
    settings: { accessTokenClaims: { azp: true, scp: true }, scopes: ['scp'] },
  },
  'entra-v1': {
    provider: 'Microsoft Entra ID (v1.0 tokens)',
    maker: MAKER,
    issuerForms: ['https://{host}/{guid}/'],
    hostedForms: ['https://sts.windows.net/{guid}/'],
    settings: {
      authorizedPartyClaim: 'appid',
      accessTokenClaims: { ver: '1.0', appid: true },
      roles: ['roles'],
      scopes: ['scp'],
    },
  },
  'entra-v2': {
    provider: 'Microsoft Entra ID (v2.0 tokens)',
    maker: MAKER,
    issuerForms: ['https://{host}/{guid}/v2.0'],
    hostedForms: [
      'https://login.microsoftonline.com/{guid}/v2.0',
      // External ID.
      'https://{tenant}.ciamlogin.com/{guid}/v2.0',
    ],
    settings: { accessTokenClaims: { ver: '2.0', azp: true }, roles: ['roles'], scopes: ['scp'] },
  },
};
