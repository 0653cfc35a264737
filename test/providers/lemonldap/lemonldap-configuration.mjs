/** What LemonLDAP::NG reads: a file that says where its configuration is, and the configuration. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { REDIRECT_URI } from '../support/oauth.mjs';

export const WEB = 'mines-digital-services-mds-public-client-4414';
export const SECRET = 'sample-secret';

/** Writes both, and the folders that it wants. */
export function writeConfiguration(folder, port) {
  for (const name of ['conf', 'cache', 'sessions/lock', 'persistent/lock']) {
    mkdirSync(`${folder}/${name}`, { recursive: true });
  }
  writeFileSync(`${folder}/lemonldap-ng.ini`, localConfiguration(folder));
  writeFileSync(`${folder}/conf/lmConf-1.json`, JSON.stringify(configuration(folder, port)));
}

/** It looks for another configuration every second. */
const localConfiguration = (folder) => `
[all]
logLevel = warn
checkTime = 1
[configuration]
type = File
dirName = ${folder}/conf
localStorage = Cache::FileCache
localStorageOptions = { 'namespace' => 'configuration', 'cache_root' => '${folder}/cache', 'cache_depth' => 3 }
[portal]
staticPrefix = /static
templateDir = /usr/share/lemonldap-ng/portal/templates
languages = en
`;

function configuration(folder, port) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const files = (name) => ({
    Directory: `${folder}/${name}`,
    LockDirectory: `${folder}/${name}/lock`,
    generateModule: 'Lemonldap::NG::Common::Apache::Session::Generate::SHA256',
  });
  return {
    cfgNum: 1,
    cfgDate: Math.floor(Date.now() / 1000),
    cfgVersion: '2.16.1',
    cfgAuthor: 'interoperability',
    // With a slash at its end: so is the issuer.
    portal: `http://127.0.0.1:${port}/`,
    domain: '127.0.0.1',
    securedCookie: 0,
    key: 'interoperability',
    authentication: 'Demo',
    userDB: 'Same',
    passwordDB: 'Demo',
    registerDB: 'Null',
    captcha: '::Captcha::None',
    demoExportedVars: { cn: 'cn', mail: 'mail', uid: 'uid' },
    macros: { _whatToTrace: 'lc($_user)' },
    whatToTrace: '_whatToTrace',
    globalStorage: 'Apache::Session::File',
    globalStorageOptions: files('sessions'),
    persistentStorage: 'Apache::Session::File',
    persistentStorageOptions: files('persistent'),
    localSessionStorage: 'Cache::FileCache',
    localSessionStorageOptions: { cache_root: `${folder}/cache`, namespace: 'sessions', cache_depth: 3 },
    locationRules: {},
    exportedHeaders: {},
    applicationList: {},
    issuerDBOpenIDConnectActivation: 1,
    oidcServiceAllowAuthorizationCodeFlow: 1,
    oidcServicePrivateKeySig: privateKey.export({ type: 'pkcs1', format: 'pem' }),
    oidcServicePublicKeySig: publicKey.export({ type: 'spki', format: 'pem' }),
    oidcServiceKeyIdSig: 'first',
    oidcRPMetaDataOptions: {
      web: {
        ...relyingParty(WEB),
        oidcRPMetaDataOptionsPublic: 1,
        oidcRPMetaDataOptionsRequirePKCE: 1,
        oidcRPMetaDataOptionsRedirectUris: REDIRECT_URI,
        oidcRPMetaDataOptionsRefreshToken: 1,
        // A second audience in every one of its tokens.
        oidcRPMetaDataOptionsAdditionalAudiences: 'urn:mines',
      },
      bcmi: { ...relyingParty('mds-bcmi-4587'), ...SERVICE },
      evil: { ...relyingParty('mds-bcmi-4587-evil'), ...SERVICE },
    },
    // Roles are computed, and released with the scope `roles`.
    oidcRPMetaDataMacros: {
      web: { client_roles: '$uid eq "alice" ? "core_view_all; core_edit_mines" : "core_view_all"' },
      bcmi: { client_roles: '"core_view_all"' },
    },
    oidcRPMetaDataExportedVars: {
      web: { client_roles: 'client_roles;string;always' },
      bcmi: { client_roles: 'client_roles;string;always' },
    },
    oidcRPMetaDataOptionsExtraClaims: { web: { roles: 'client_roles' }, bcmi: { roles: 'client_roles' } },
  };
}

const SERVICE = {
  oidcRPMetaDataOptionsClientSecret: SECRET,
  oidcRPMetaDataOptionsAllowClientCredentialsGrant: 1,
};

const relyingParty = (id) => ({
  oidcRPMetaDataOptionsClientID: id,
  oidcRPMetaDataOptionsAccessTokenJWT: 1,
  oidcRPMetaDataOptionsAccessTokenClaims: 1,
  oidcRPMetaDataOptionsAccessTokenSignAlg: 'RS256',
  oidcRPMetaDataOptionsIDTokenSignAlg: 'RS256',
  oidcRPMetaDataOptionsBypassConsent: 1,
  oidcRPMetaDataOptionsAccessTokenExpiration: 300,
});
