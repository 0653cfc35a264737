import type { Expectation } from './vector-files';

/** Vectors on which the library is not of the publisher's opinion, and why. */
export interface Exception {
  readonly file: string;
  /** The ids of the vectors: each must be in the file, and each must be one. */
  readonly ids: readonly string[];
  readonly published: Exclude<Expectation, 'acceptable'>;
  readonly why: string;
}

const jsonForms = (...examples: readonly string[]): string[] =>
  examples.flatMap((example) => [`${example} json`, `${example} json_flat`]);

/** Every one there is. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    file: 'wycheproof/json_web_signature_test',
    ids: ['346', '350'],
    published: 'valid',
    why: 'PS384 under a key whose `alg` is PS256: a key is used with the algorithm it is published for (RFC 8725 section 3.1)',
  },
  {
    file: 'wycheproof/json_web_signature_test',
    ids: ['347', '351'],
    published: 'valid',
    why: 'the key says `alg: ES521`, which is no algorithm',
  },
  {
    file: 'wycheproof/json_web_signature_test',
    ids: ['367', '370'],
    published: 'invalid',
    why: 'the padding that makes it invalid is missing from the published text: what is left is well formed and signed',
  },
  {
    file: 'wycheproof/json_web_signature_test',
    ids: ['372', '373'],
    published: 'valid',
    why: 'a `?` among the base64url, for decoders that skip it: refused, for one token has one spelling (RFC 7515 section 2)',
  },
  {
    file: 'wycheproof/json_web_key_test',
    ids: ['2'],
    published: 'valid',
    why: 'HS256 under one of a set of symmetric keys: a set is public here, a secret belongs to one client',
  },
  {
    file: 'wycheproof/json_web_crypto_test',
    ids: ['48'],
    published: 'valid',
    why: 'HS256 under one of a set of symmetric keys: a set is public here, a secret belongs to one client',
  },
  {
    file: 'wycheproof/json_web_key_test',
    ids: ['7'],
    published: 'invalid',
    why: 'an RSA key of the ROCA kind (CVE-2017-15361): an issuer publishes its own keys, and they are judged by size and exponent only',
  },
  {
    file: 'wycheproof/json_web_crypto_test',
    ids: ['46'],
    published: 'invalid',
    why: 'an RSA key of the ROCA kind (CVE-2017-15361): an issuer publishes its own keys, and they are judged by size and exponent only',
  },
  {
    file: 'wycheproof/json_web_crypto_test',
    ids: ['50', '67'],
    published: 'valid',
    why: 'JWE: encrypted tokens are not accepted',
  },
  {
    file: 'rfc7515/appendix-a',
    ids: ['A.6 json', 'A.7 json_flat'],
    published: 'valid',
    why: 'JSON serialization: a JWT is compact (RFC 7519 section 3)',
  },
  {
    file: 'cookbook/jws',
    ids: [
      ...jsonForms(
        'jws/4_1.rsa_v15_signature.json',
        'jws/4_2.rsa-pss_signature.json',
        'jws/4_3.ecdsa_signature.json',
        'jws/4_4.hmac-sha2_integrity_protection.json',
        'jws/4_5.signature_with_detached_content.json',
        'jws/4_6.protecting_specific_header_fields.json',
        'jws/4_7.protecting_content_only.json',
        'curve25519/jws.json',
        'rfc7797/4.2.hmac-sha2_b64_false.json',
        'rfc7797/hmac-sha2_b64_false.json',
      ),
      'jws/4_8.multiple_signatures.json json',
    ],
    published: 'valid',
    why: 'JSON serialization: a JWT is compact (RFC 7519 section 3)',
  },
  {
    file: 'cookbook/jws',
    ids: ['jws/4_5.signature_with_detached_content.json compact'],
    published: 'valid',
    why: 'detached content: a token has its claims in it',
  },
  {
    file: 'cookbook/jws',
    ids: ['rfc7797/hmac-sha2_b64_false.json compact'],
    published: 'valid',
    why: '`b64: false`, which a JWT must not have (RFC 7797 section 7)',
  },
  {
    file: 'cookbook/jws',
    ids: ['rfc7797/hmac-sha2_b64_false.json signature 1'],
    published: 'valid',
    why: "the published `sig` is that of the other example with `b64: false`, as the compact form's own signature shows",
  },
  {
    file: 'json-test-suite/texts',
    ids: ['y_object_duplicated_key', 'y_object_duplicated_key_and_value'],
    published: 'valid',
    why: 'a name said twice: JSON lets it be, a JWS and a JWT may not (RFC 7515 section 4, RFC 7519 section 4)',
  },
];
