import { BlockList, isIP } from 'node:net';
import { ALGORITHMS, isSymmetric } from '../core/key/algorithm';
import { isSupported } from '../core/key/fitting-algorithms';
import { HEADER_NAME } from '../core/token/bearer';
import { isJsonObject, type JsonObject } from '../core/token/json-object';
import type { Faults } from './configuration-error';
import { defineField, number, objectOf, oneOf, type FieldCheck, type FieldFault } from './field-check';
import { arrayOf } from './json-schema';
import type { OidcCertificateHeader, OidcProofNonce, OidcProofOfPossession } from './possession-options';
import { RESOURCE, resourceFault } from './resource-fields';
import { REPLAY_BYTES } from '../core/limits';

/** RFC 2104 section 3: a secret shorter than the hash weakens it. */
const SHORTEST_SECRET = 32;

const SECRETS_REMEDY = `give an array of random strings of at least ${SHORTEST_SECRET} characters, the newest first`;

/** Values are credentials: no message repeats them. */
const SECRETS: FieldCheck = defineField(arrayOf({ type: 'string', minLength: SHORTEST_SECRET }), (value) =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((secret) => typeof secret === 'string' && secret.length >= SHORTEST_SECRET)
    ? undefined
    : ['is not an array of strings that are long enough', SECRETS_REMEDY],
);

const NONCE_FIELDS: Readonly<Record<keyof OidcProofNonce, FieldCheck>> = {
  secrets: SECRETS,
  lifetime: number({ minimum: 30, maximum: 86_400, unit: 'seconds' }),
};

const HEADER_FIELDS: Readonly<Record<keyof OidcCertificateHeader, FieldCheck>> = {
  header: defineField({ type: 'string', pattern: HEADER_NAME.source }, (value) =>
    typeof value === 'string' && HEADER_NAME.test(value) && !/^(?:authorization|dpop|cookie)$/i.test(value)
      ? undefined
      : ['is not the name of a header for a certificate', 'give its name, such as "client-cert"'],
  ),
  format: oneOf(['rfc9440', 'pem', 'xfcc'], 'give "rfc9440", "pem" or "xfcc"'),
  proxies: defineField(arrayOf({ type: 'string', minLength: 1 }), proxiesFault),
};

const HEADER = objectOf(HEADER_FIELDS, 'give "tls", or { header, format, proxies }', 'header', 'format', 'proxies');

const CERTIFICATE: FieldCheck = defineField({ anyOf: [{ enum: ['tls'] }, HEADER.schema ?? {}] }, (value) =>
  value === 'tls' ? undefined : HEADER(value),
);

const POSSESSION_FIELDS: Readonly<Record<keyof OidcProofOfPossession, FieldCheck>> = {
  origins: defineField(arrayOf(RESOURCE), (value) =>
    Array.isArray(value) && value.length > 0
      ? value.map(resourceFault).find((fault) => fault !== undefined)
      : ['is not an array with anything in it', 'list the public origins of the API, such as "https://api.example"'],
  ),
  maxProofAge: number({ minimum: 10, maximum: 600, unit: 'seconds' }),
  algorithms: defineField(
    arrayOf({ enum: [...ALGORITHMS.keys()].filter((name) => !isSymmetric(name)) }),
    algorithmsFault,
  ),
  nonce: objectOf(NONCE_FIELDS, 'give { secrets }', 'secrets'),
  replayStore: defineField(undefined, (value) =>
    typeof value === 'object' && value !== null && 'remember' in value && typeof value.remember === 'function'
      ? undefined
      : ['is not a ReplayStore', 'give one, such as redisStore({ client })'],
  ),
  maxReplayBytes: number({ ...REPLAY_BYTES, unit: 'bytes' }),
  clientCertificate: CERTIFICATE,
};

/** What `proofOfPossession` must be. */
export const POSSESSION: FieldCheck = objectOf(
  POSSESSION_FIELDS,
  'give an object such as { origins: ["https://api.example"] }',
);

/** Adds the fault of proofs that cannot be compared with any origin. */
export function checkOrigins({ proofOfPossession, resourceMetadata }: JsonObject, faults: Faults): void {
  if (
    isJsonObject(proofOfPossession) &&
    proofOfPossession['origins'] === undefined &&
    !(isJsonObject(resourceMetadata) && resourceMetadata['resource'] !== undefined)
  ) {
    faults.add(
      undefined,
      'proofOfPossession',
      'has no origins, and there is no resourceMetadata that says them',
      'give origins: the URLs under which callers reach the API, such as ["https://api.example"]',
    );
  }
}

/** The addresses of proxies, as a function. */
export function addressMatcher(proxies: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const proxy of proxies) {
    const [address = '', prefix] = proxy.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) {
      list.addAddress(address, family);
    } else {
      list.addSubnet(address, Number(prefix), family);
    }
  }
  return (address) => {
    // The zone of a link-local address is no part of it.
    const [plain = ''] = address.split('%');
    const version = isIP(plain);
    return version !== 0 && list.check(plain, version === 6 ? 'ipv6' : 'ipv4');
  };
}

function proxiesFault(value: unknown): FieldFault | undefined {
  const remedy = 'list addresses or networks of the proxies, such as ["10.0.0.0/8", "127.0.0.1"]';
  if (!Array.isArray(value) || value.length === 0) {
    return ['is not an array with anything in it', remedy];
  }
  const wrong: unknown = value.find((proxy) => !isNetwork(proxy));
  return wrong === undefined ? undefined : [`${JSON.stringify(wrong)} is no address and no network`, remedy];
}

function isNetwork(value: unknown): boolean {
  const [, address = '', prefix] = typeof value === 'string' ? (/^([^/]*)(?:\/(\d{1,3}))?$/.exec(value) ?? []) : [];
  const version = isIP(address);
  return version !== 0 && Number(prefix ?? 0) <= (version === 6 ? 128 : 32);
}

function algorithmsFault(value: unknown): FieldFault | undefined {
  const names = [...ALGORITHMS.keys()].filter((name) => !isSymmetric(name));
  const remedy = `list some of ${names.join(', ')}`;
  if (!Array.isArray(value) || value.length === 0) {
    return ['is not an array with anything in it', remedy];
  }
  const wrong: unknown = value.find((name) => typeof name !== 'string' || !names.includes(name));
  if (wrong !== undefined) {
    return [`${JSON.stringify(wrong)} is not an algorithm of proofs`, remedy];
  }
  const missing = value.find((name) => !isSupported(String(name)));
  return missing === undefined
    ? undefined
    : [`this version of Node.js does not have ${JSON.stringify(missing)}`, 'leave it out, or use a newer Node.js'];
}
