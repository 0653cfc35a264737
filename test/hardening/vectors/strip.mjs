// Reduces published test vectors to what the tests of this folder use. The results are committed; this says how they
// were made, and makes them again:
//
//   node test/hardening/vectors/strip.mjs <folder that holds wycheproof/, cookbook/, jsontestsuite/ and naughty/>
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [from] = process.argv.slice(2);
if (from === undefined) {
  throw new Error('say where the published vectors are');
}
const to = dirname(fileURLToPath(import.meta.url));
const read = (...path) => JSON.parse(readFileSync(join(from, ...path), 'utf8'));
// One element a line: small, and a difference can be read.
const write = (path, head, name, elements) => {
  const lines = elements.map((element) => `    ${JSON.stringify(element)}`).join(',\n');
  writeFileSync(join(to, path), `{\n  "source": ${JSON.stringify(head)},\n  "${name}": [\n${lines}\n  ]\n}\n`);
};

const PRIVATE = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth']);
// The library takes no key that is published with its private half: what verifies is the public one.
const publicOf = (jwk) => Object.fromEntries(Object.entries(jwk).filter(([name]) => !PRIVATE.has(name)));

// Signature primitives: of each group its key as a JWK, of each test what was signed and the signature, in hex.
const PRIMITIVES = {
  ecdsa_secp256r1_sha256_p1363_test: 'ES256',
  ecdsa_secp384r1_sha384_p1363_test: 'ES384',
  ecdsa_secp521r1_sha512_p1363_test: 'ES512',
  ed25519_test: 'EdDSA',
  rsa_signature_2048_sha256_test: 'RS256',
  rsa_signature_3072_sha256_test: 'RS256',
  rsa_signature_4096_sha256_test: 'RS256',
  rsa_signature_2048_sha384_test: 'RS384',
  rsa_signature_2048_sha512_test: 'RS512',
  rsa_pss_2048_sha256_mgf1_32_test: 'PS256',
  rsa_pss_4096_sha384_mgf1_48_test: 'PS384',
  rsa_pss_4096_sha512_mgf1_64_test: 'PS512',
};
const CURVES = { secp256r1: ['P-256', 32], secp384r1: ['P-384', 48], secp521r1: ['P-521', 66] };

function jwkOf(group) {
  const jwk = group.publicKeyJwk ?? group.keyJwk;
  if (jwk !== undefined) {
    return publicOf(jwk);
  }
  // Some groups have their point in hex alone, with or without leading zeros.
  const { curve, wx, wy } = group.publicKey;
  const [crv, bytes] = CURVES[curve];
  const coordinate = (hex) => Buffer.from(hex.replace(/^0+/, '').padStart(2 * bytes, '0'), 'hex').toString('base64url');
  return { kty: 'EC', crv, x: coordinate(wx), y: coordinate(wy) };
}

for (const [name, algorithm] of Object.entries(PRIMITIVES)) {
  const { testGroups } = read('wycheproof', `${name}.json`);
  const groups = testGroups.map((group) => ({
    algorithm,
    jwk: jwkOf(group),
    tests: group.tests.map(({ tcId, comment, msg, sig, result }) => ({ id: tcId, comment, msg, sig, result })),
  }));
  write(`wycheproof/${name}.json`, `wycheproof testvectors_v1/${name}.json`, 'groups', groups);
}

// Tokens: of each group the key or keys that verify, of each test the text. JWE are there to be refused.
for (const name of ['json_web_signature_test', 'json_web_key_test', 'json_web_crypto_test']) {
  const { testGroups } = read('wycheproof', `${name}.json`);
  const groups = testGroups.map(({ comment, public: published, private: own, tests }) => {
    const key = published ?? own;
    return {
      comment,
      ...(key.keys === undefined ? { key: publicOf(key) } : { keys: key.keys.map(publicOf) }),
      tests: tests.map(({ tcId, comment: about, jws, jwe, result }) => ({
        id: tcId,
        comment: about,
        token: jws ?? jwe,
        result,
      })),
    };
  });
  write(`wycheproof/${name}.json`, `wycheproof testvectors_v1/${name}.json`, 'groups', groups);
}

// RFC 7520, RFC 8037 and RFC 7797: each signature with its key and signing input, and each serialization.
const COOKBOOK = ['jws', 'curve25519', 'rfc7797'].flatMap((folder) =>
  readdirSync(join(from, 'cookbook', folder))
    .filter((name) => name.endsWith('.json') && !name.startsWith('ecdh'))
    .sort()
    .map((name) => [folder, name]),
);
const examples = COOKBOOK.map(([folder, name]) => {
  const { title, input, signing, output } = read('cookbook', folder, name);
  const keys = [input.key].flat();
  const algorithms = [input.alg].flat();
  return {
    file: `${folder}/${name}`,
    title,
    signatures: [signing].flat().map((signature, index) => ({
      algorithm: algorithms[index],
      jwk: publicOf(keys[index]),
      input: signature['sig-input'],
      signature: signature.sig,
    })),
    serializations: Object.entries(output).map(([form, text]) => ({ form, text })),
  };
});
write('cookbook/jws.json', 'ietf-jose/cookbook', 'examples', examples);

// JSON texts are octets and often not UTF-8, so they are kept as base64.
const folder = join(from, 'jsontestsuite', 'test_parsing');
const texts = readdirSync(folder)
  .sort()
  .map((name) => ({ name: name.replace(/\.json$/, ''), octets: readFileSync(join(folder, name)).toString('base64') }));
write('json-test-suite/texts.json', 'nst/JSONTestSuite test_parsing', 'texts', texts);

cpSync(join(from, 'naughty', 'blns.json'), join(to, 'naughty-strings', 'blns.json'));

for (const [source, target] of [
  ['wycheproof', 'wycheproof'],
  ['cookbook', 'cookbook'],
  ['jsontestsuite', 'json-test-suite'],
  ['naughty', 'naughty-strings'],
]) {
  cpSync(join(from, source, 'LICENSE'), join(to, target, 'LICENSE'));
}
