import crypto from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { verifySignature } from '../../lib/core/key/signature';
import { importSecret } from '../../lib/core/key/verification-key';
import { decideNow, NOW, outcomeOf, verifierOf } from './support/core';
import { base64url } from './support/signer';

const SECRET = 'a-very-shared-secret-of-sixty-four-octets-at-least-1234567890abc';

describe('what a client shares with its issuer', () => {
  afterEach(() => jest.restoreAllMocks());

  it.each(['HS256', 'HS384', 'HS512'])('is compared in constant time, all of it: %s', (algorithm) => {
    const compare = jest.spyOn(crypto, 'timingSafeEqual');
    const key = importSecret(Buffer.from(SECRET));
    const input = Buffer.from('signed');
    const right = crypto
      .createHmac(`sha${algorithm.slice(2)}`, SECRET)
      .update(input)
      .digest();
    // Wrong from the first octet on, wrong in the last bit alone, and right: one comparison each, of the same lengths.
    const wrong = Buffer.from(right.map((octet) => octet ^ 0xff));
    const nearlyRight = Buffer.from(right.map((octet, index) => (index === right.length - 1 ? octet ^ 1 : octet)));
    expect([wrong, nearlyRight, right].map((signature) => verifySignature(algorithm, key, input, signature))).toEqual([
      false,
      false,
      true,
    ]);
    expect(compare.mock.calls.map(([one, other]) => [one.byteLength, other.byteLength])).toEqual(
      [1, 2, 3].map(() => [right.length, right.length]),
    );
  });

  it('is not compared at all where the length alone is wrong, which is no secret', () => {
    const compare = jest.spyOn(crypto, 'timingSafeEqual');
    const right = crypto.createHmac('sha256', SECRET).update('signed').digest();
    const key = importSecret(Buffer.from(SECRET));
    for (const signature of [right.subarray(1), Buffer.concat([right, right]), Buffer.alloc(0)]) {
      expect(verifySignature('HS256', key, Buffer.from('signed'), signature)).toBe(false);
    }
    expect(compare).not.toHaveBeenCalled();
  });

  it('is compared so on the way of a token, too', () => {
    const verifier = verifierOf([
      { name: 'web', audience: 'web', issuer: 'https://issuer.example', secret: SECRET, algorithms: ['HS512'] },
    ]);
    const input = `${base64url({ alg: 'HS512' })}.${base64url({ iss: 'https://issuer.example', aud: 'web', exp: NOW + 60 })}`;
    const signature = crypto.createHmac('sha512', SECRET).update(input).digest();
    const compare = jest.spyOn(crypto, 'timingSafeEqual');
    expect(outcomeOf(decideNow(verifier, `${input}.${signature.toString('base64url')}`))).toBe('accepted');
    expect(outcomeOf(decideNow(verifier, `${input}.${Buffer.alloc(64).toString('base64url')}`))).toBe(
      'invalid_signature',
    );
    expect(compare).toHaveBeenCalledTimes(2);
  });
});

it('where signatures and secrets are, nothing is compared octet by octet but in constant time', () => {
  const folder = join(__dirname, '../../lib');
  const comparing: string[] = [];
  for (const name of ['core/key', 'core/checks', 'core/proof', 'decision'].flatMap((part) =>
    readdirSync(join(folder, part)).map((file) => `${part}/${file}`),
  )) {
    const source = ts.createSourceFile(name, readFileSync(join(folder, name), 'utf8'), ts.ScriptTarget.ES2022);
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node) && ['equals', 'compare', 'indexOf', 'isDeepStrictEqual'].includes(node.text)) {
        comparing.push(`${name}: ${node.text}`);
      }
      // Neither a signature nor a secret stands beside === or !==, only what they are not secret about.
      if (ts.isBinaryExpression(node) && /^[!=]==?$/.test(node.operatorToken.getText(source))) {
        const sides = [node.left, node.right].map((side) => side.getText(source));
        if (
          sides.some((side) => /(?:signature|secret|expected|digest|hmac)$/i.test(side)) &&
          !sides.includes('undefined')
        ) {
          comparing.push(`${name}: ${node.getText(source)}`);
        }
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  // Public keys of two answers of an issuer are nothing secret, nor are certificates and their thumbprints, and two key objects
  // are compared by identity. Dots and equals signs are looked for in headers. What was configured is compared with what is
  // configured now, at an exchange of clients: nothing of a request is in it.
  expect(comparing).toEqual([
    'core/key/key-set.ts: equals',
    'core/proof/certificate.ts: equals',
    'core/proof/certificate.ts: indexOf',
    'core/proof/proof.ts: indexOf',
    'core/proof/proof.ts: indexOf',
    'decision/introspection-prover.ts: isDeepStrictEqual',
    'decision/introspection-prover.ts: isDeepStrictEqual',
    'decision/introspection-prover.ts: isDeepStrictEqual',
    'decision/introspection-prover.ts: isDeepStrictEqual',
    'decision/proof-of-possession.ts: actual === expected',
    'decision/standing-checks.ts: client.secret === key',
  ]);
});
