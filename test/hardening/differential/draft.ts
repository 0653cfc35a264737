import { NOW } from '../support/core';
import type { Random } from '../support/random';
import { base64url, type Signer } from '../support/signer';
import { TWINS } from './reasons';

export const ISSUER = 'https://issuer.example/realms/one';
export const AUDIENCE = 'api';

/** A member of an object as it will be spelled: the same name may come twice, and a value may be no JSON. */
type Member = [name: string, json: string];

/** A token in the making. Changes are made to what it says, to how it is spelled, or to the signed text. */
interface Draft {
  header: Member[];
  claims: Member[];
  /** Changes the octets of header or claims. */
  readonly octets: ((parts: { header: Buffer; claims: Buffer }) => void)[];
  /** Changes the text that is then signed. */
  readonly before: ((input: string) => string)[];
  /** Changes the signature's octets. */
  readonly signature: ((signature: Buffer) => Buffer)[];
  /** Changes the text when it has been signed. */
  readonly after: ((token: string) => string)[];
}

type Change = (draft: Draft, random: Random) => void;

const set =
  (part: 'header' | 'claims', name: string, values: readonly unknown[]): Change =>
  (draft, random) => {
    const value = random.pick(values);
    draft[part] = draft[part].filter(([other]) => other !== name);
    draft[part].push([
      name,
      typeof value === 'string' && value.startsWith('json:') ? value.slice(5) : JSON.stringify(value),
    ]);
  };

const drop =
  (part: 'header' | 'claims', names: readonly string[]): Change =>
  (draft, random) => {
    const name = random.pick(names);
    draft[part] = draft[part].filter(([other]) => other !== name);
  };

const twice =
  (part: 'header' | 'claims'): Change =>
  (draft, random) => {
    const [name, value] = random.pick(draft[part].length > 0 ? draft[part] : [['x', '1'] as Member]);
    const spelled = random.once(3) ? `\\u00${name.charCodeAt(0).toString(16).padStart(2, '0')}${name.slice(1)}` : name;
    const member: Member = [spelled, random.pick([value, 'null', '"other"'])];
    draft[part].splice(random.below(draft[part].length + 1), 0, member);
  };

const ANY = [null, true, 7, '', 'text', [], ['text'], {}, { text: 1 }];
const ALGORITHMS = [
  'RS256',
  'RS384',
  'PS256',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'ES256K',
  'EdDSA',
  'Ed25519',
  'HS256',
];
const TIMES = [-31, -30, -29, -29.5, 0, 29, 30, 30.5, 31, 300, -1e9, 1e12].map((seconds) => NOW + seconds);
const NO_TIMES = [...ANY, 'json:1e999', 'json:-1e999', 'json:1.8e9', `${NOW + 300}`, -1, 0];

/** One change to one thing. */
const CHANGES: readonly Change[] = [
  set('header', 'alg', [...ALGORITHMS, 'none', 'None', 'es256', 'ES256 ', '__proto__', ...ANY]),
  set('header', 'kid', [...ANY, TWINS, 'ES256', 'EdDSA', 'RS256', '__proto__', '../key']),
  set('header', 'typ', [
    'JWT',
    'jwt',
    'at+jwt',
    'AT+JWT',
    'application/at+jwt',
    'application/jwt',
    'JOSE',
    'logout+jwt',
    ...ANY,
  ]),
  set('header', 'crit', [['exp'], ['b64'], [], ['x', 'x'], ['alg'], 'b64', null, [1]]),
  set('header', 'b64', [true, false, null, 'true']),
  (draft, random) => {
    set('header', 'crit', [['b64']])(draft, random);
    set('header', 'b64', [true, true, false])(draft, random);
  },
  set('header', 'cty', ['JWT', 'jwt', 'application/jwt', 'json', 'application/json', ...ANY]),
  set('header', 'jwk', [{ kty: 'oct', k: 'AAAA' }]),
  set('header', 'jku', ['https://evil.example/keys']),
  set('header', 'x5c', [['MIIB']]),
  set('header', '__proto__', [{ alg: 'none' }]),
  drop('header', ['alg', 'typ', 'kid']),
  twice('header'),
  set('claims', 'iss', [ISSUER, `${ISSUER}/`, ISSUER.toUpperCase(), 'https://other.example', [ISSUER], ...ANY]),
  set('claims', 'aud', [
    AUDIENCE,
    [AUDIENCE],
    ['account', AUDIENCE],
    [AUDIENCE, AUDIENCE],
    'API',
    'api2',
    [AUDIENCE, 7],
    [AUDIENCE, null],
    [[AUDIENCE]],
    { [AUDIENCE]: true },
    ...ANY,
  ]),
  set('claims', 'exp', [...TIMES, ...NO_TIMES]),
  set('claims', 'nbf', [...TIMES, ...NO_TIMES]),
  set('claims', 'iat', [...TIMES, ...NO_TIMES]),
  set('claims', 'sub', ANY),
  set('claims', 'jti', ANY),
  set('claims', 'azp', ANY),
  set('claims', 'client_id', ANY),
  set('claims', 'typ', ['Bearer', 'ID', 'Serialized-ID', 'Refresh', 'Offline', 'Logout', 'DPoP', ...ANY]),
  set('claims', 'at_hash', ['x', null]),
  set('claims', 'c_hash', ['x']),
  set('claims', 'events', [{}]),
  set('claims', 'nonce', ['x', 1]),
  set('claims', 'cnf', [{ jkt: 'x' }, null]),
  set('claims', '__proto__', [{ iss: ISSUER }, null]),
  set('claims', 'constructor', [{ prototype: 1 }]),
  set('claims', 'nested', [{ a: [{ b: 1 }, { b: 2 }] }, 'json:{"a":1,"a":2}', 'json:[{"a":{"b":1,"\\u0062":1}}]']),
  set('claims', 'long', ['x'.repeat(8_000), 'x'.repeat(12_500), 'x'.repeat(20_000)]),
  set('claims', 'broken', [
    'json:',
    'json:01',
    "json:'x'",
    'json:1,',
    'json:NaN',
    'json:"\u0001"',
    'json:"\\ud800"',
    'json:"\\x"',
  ]),
  drop('claims', ['iss', 'aud', 'exp', 'sub', 'iat', 'jti', 'azp']),
  twice('claims'),
  // Octets that are another text, or none.
  (draft, random) => {
    const part = random.pick(['header', 'claims'] as const);
    const [start, end] = random.pick([
      [[0xef, 0xbb, 0xbf], []],
      [[], [0x20, 0x0a]],
      [[0x20], []],
      [[], [0x00]],
      [[], [0xe9]],
      [[0x5b], [0x5d]],
      [[0x22], [0x22]],
    ]);
    draft.octets.push((parts) => {
      parts[part] = Buffer.concat([Buffer.from(start), parts[part], Buffer.from(end)]);
    });
  },
  (draft, random) => {
    const at = random.below(1_000);
    const bit = 1 << random.below(8);
    const part = random.pick(['header', 'claims'] as const);
    draft.octets.push((parts) => {
      const index = at % parts[part].length;
      parts[part][index] = (parts[part][index] ?? 0) ^ bit;
    });
  },
  // Other spellings of the same octets, signed as they are.
  (draft, random) => void draft.before.push(respell(random)),
  // Other signatures.
  (draft, random) => void draft.signature.push(resign(random)),
  // Other texts.
  (draft, random) => void draft.after.push(retype(random)),
  (draft, random) => void draft.after.push(retype(random)),
];

/** Spells one of the parts otherwise. */
function respell(random: Random): (text: string) => string {
  const which = random.below(3);
  const how = random.below(7);
  const at = random.below(200);
  return (text) => {
    const parts = text.split('.');
    const index = which % parts.length;
    const part = parts[index] ?? '';
    const inside = at % (part.length + 1);
    const others = [
      () => part.padEnd(Math.ceil(part.length / 4) * 4, '='),
      () => `${part}=`,
      () => `${part.slice(0, inside)}${random.pick([' ', '\n', '\t'])}${part.slice(inside)}`,
      () => part.replaceAll('-', '+').replaceAll('_', '/'),
      // The last character of a part whose length is no multiple of four has bits that mean nothing.
      () => (part.length % 4 === 0 ? part : part.slice(0, -1) + nextCharacter(part.at(-1) ?? 'A')),
      () => `${part.slice(0, inside)}${random.pick(['!', 'é', '\0', '%', '*'])}${part.slice(inside)}`,
      () => (part.length % 4 === 0 ? `${part} ` : part.slice(0, -1) + nextCharacter(part.at(-1) ?? 'A')),
    ];
    parts[index] = others[how]?.() ?? part;
    return parts.join('.');
  };
}

function nextCharacter(character: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet.charAt(alphabet.indexOf(character) ^ 1);
}

function resign(random: Random): (signature: Buffer) => Buffer {
  const at = random.below(1_000);
  const bit = 1 << random.below(8);
  return random.pick([
    () => Buffer.alloc(0),
    (signature: Buffer) => Buffer.alloc(signature.length),
    (signature: Buffer) => Buffer.concat([signature, Buffer.alloc(1)]),
    (signature: Buffer) => Buffer.concat([Buffer.alloc(1), signature]),
    (signature: Buffer) => signature.subarray(1),
    (signature: Buffer) => signature.subarray(0, -1),
    (signature: Buffer) => Buffer.from([...signature].toReversed()),
    (signature: Buffer) =>
      signature.map((octet, index) => (index === at % signature.length ? octet ^ bit : octet)) as Buffer,
  ]);
}

/** Changes a text as if its bearer could not leave it alone. */
function retype(random: Random): (text: string) => string {
  const at = random.below(100_000);
  const spelled = respell(random);
  return random.pick([
    spelled,
    spelled,
    (text: string) => `${text}.`,
    (text: string) => `.${text}`,
    (text: string) => `${text}.${text}`,
    (text: string) => text.split('.').slice(0, 2).join('.'),
    (text: string) => `${text.split('.').slice(0, 2).join('.')}.`,
    (text: string) => text.split('.').toReversed().join('.'),
    (text: string) => `Bearer ${text}`,
    (text: string) => text.slice(0, at % text.length),
    (text: string) => text.toUpperCase(),
    (text: string) => {
      const index = at % text.length;
      return text.slice(0, index) + nextCharacter(text.charAt(index)) + text.slice(index + 1);
    },
    (text: string) => {
      const [header = '', payload = '', signature = ''] = text.split('.');
      return JSON.stringify({ payload, signatures: [{ protected: header, signature }] });
    },
  ]);
}

/** A token: valid, or with up to three things changed. */
export function draftToken(random: Random, signers: readonly Signer[]): string {
  const signer = random.pick(signers);
  const draft: Draft = {
    header: Object.entries(signer.header).map(([name, value]) => [name, JSON.stringify(value)]),
    claims: Object.entries({
      iss: ISSUER,
      aud: AUDIENCE,
      sub: `user-${random.below(1_000)}`,
      azp: AUDIENCE,
      jti: String(random.below(1e9)),
      typ: 'Bearer',
      iat: NOW - random.below(300),
      exp: NOW + 1 + random.below(300),
    }).map(([name, value]) => [name, JSON.stringify(value)]),
    octets: [],
    before: [],
    signature: [],
    after: [],
  };
  for (let changes = random.pick([0, 1, 1, 1, 1, 2, 2, 3]); changes > 0; changes -= 1) {
    random.pick(CHANGES)(draft, random);
  }
  const parts = { header: octetsOf(draft.header, random), claims: octetsOf(draft.claims, random) };
  draft.octets.forEach((change) => change(parts));
  const input = applied(draft.before, `${base64url(parts.header)}.${base64url(parts.claims)}`);
  const signature = applied(draft.signature, signer.signatureOf(Buffer.from(input)));
  return applied(draft.after, `${input}.${signature.toString('base64url')}`);
}

function applied<T>(changes: readonly ((value: T) => T)[], value: T): T {
  return changes.reduce((changed, change) => change(changed), value);
}

function octetsOf(members: readonly Member[], random: Random): Buffer {
  const space = random.once(4) ? random.pick([' ', '\r\n', '\t']) : '';
  const text = random.shuffle(members).map(([name, value]) => `"${name}"${space}:${space}${value}`);
  return Buffer.from(`{${text.join(`${space},${space}`)}}`);
}
