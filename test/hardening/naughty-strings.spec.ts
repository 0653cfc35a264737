import { Controller, Get } from '@nestjs/common';
import { OidcMultiAuthModule, type OidcClientOptions } from 'nestjs-oidc-multi-auth';
import { inspect } from 'node:util';
import { useApps } from '../support/life-cycle';
import { ADAPTERS, MemoryLogger, type TestApp } from '../support/test-app';
import { readVectors } from './published/vector-files';
import { decideNow, NOW, outcomeOf, verifierOf } from './support/core';
import { base64url, Signer, type Part } from './support/signer';

const startApp = useApps();

const STRINGS = readVectors('naughty-strings/blns.json') as readonly string[];
const ISSUER = 'https://issuer.example';
const CLAIMS = { iss: ISSUER, aud: 'api', sub: 'somebody', exp: NOW + 300 };

let signer: Signer;
let client: OidcClientOptions;
beforeAll(async () => {
  signer = await Signer.create('ES256', 'key-1');
  client = { name: 'api', audience: 'api', issuer: ISSUER, jwks: { keys: [signer.jwk] } };
});

/** What the log says of refusals: codes, and what is configured. */
const LINE =
  /^(?:debug refused: [a-z_]+, (?:no client|client "[a-z]+")(?:, issuer https:\/\/issuer\.example)?, GET \/|debug \d+ more refusals were not written down one by one|warn most (?:calls of no client|tokens of client "[a-z]+") are (?:refused now: [a-z_]+, \d+ of the last \d+|accepted again))$/;

describe('naughty strings in a token', () => {
  const decide = (claims: Part, header?: Part) =>
    decideNow(verifierOf([client], { maxTokenBytes: 100_000 }), signer.sign(claims, header));

  it('are all of them', () => {
    expect(STRINGS).toHaveLength(515);
  });

  it.each(['sub', 'jti', 'azp', 'client_id', 'name', 'scope', 'roles'])(
    'R7519-11 come out of the claim %s as they went in, where it may be any string',
    (name) => {
      for (const text of STRINGS) {
        const decision = decide({ ...CLAIMS, [name]: text });
        if (name === 'sub' && text === '') {
          expect(outcomeOf(decision)).toBe('invalid_claims');
        } else {
          expect(decision.accepted && decision.principal.claims[name]).toBe(text);
        }
      }
    },
  );

  it('R7519-11 may be the names of claims', () => {
    for (const text of STRINGS) {
      const name = ['iss', 'aud', 'exp'].includes(text) ? `${text}-not` : text;
      const decision = decide({ ...CLAIMS, [name]: text });
      expect(decision.accepted && Object.entries(decision.principal.claims)).toContainEqual([name, text]);
    }
  });

  it('LIB-01 LIB-11 are unknown issuers and audiences', () => {
    for (const text of STRINGS) {
      expect(outcomeOf(decide({ ...CLAIMS, iss: text }))).toBe('unknown_issuer');
      expect(outcomeOf(decide({ ...CLAIMS, aud: text }))).toBe('unknown_audience');
      expect(outcomeOf(decide({ ...CLAIMS, aud: [text, text] }))).toBe('unknown_audience');
    }
  });

  it('LIB-01 are told apart as audiences of clients, every one from every other', () => {
    const audiences = [...new Set(STRINGS)].filter((audience) => {
      try {
        verifierOf([{ ...client, audience }]);
        return true;
      } catch {
        return false;
      }
    });
    // The configuration takes no audience that is empty or has a control character in it.
    expect(audiences.length).toBeGreaterThan(480);
    const verifier = verifierOf(
      audiences.map((audience, index) => ({ ...client, name: `client-${index}`, audience })),
      { maxTokenBytes: 100_000 },
    );
    for (const [index, aud] of audiences.entries()) {
      const decision = decideNow(verifier, signer.sign({ ...CLAIMS, aud }));
      expect(decision.accepted && decision.principal.client).toBe(`client-${index}`);
    }
  });

  it('R7515-10 R8725-13 are unknown key ids', () => {
    for (const kid of STRINGS) {
      expect(outcomeOf(decide(CLAIMS, { alg: 'ES256', kid }))).toBe('unknown_key');
    }
  });

  it('R7515-06 R8725-14 R7515-07 are no algorithms, no types of a token, and nothing critical', () => {
    for (const text of STRINGS) {
      const { header } = signer;
      expect(outcomeOf(decide(CLAIMS, { ...header, alg: text }))).toBe('algorithm_not_allowed');
      expect(outcomeOf(decide(CLAIMS, { ...header, typ: text }))).toBe('wrong_token_type');
      expect(outcomeOf(decide(CLAIMS, { ...header, crit: [text], [text]: text }))).toBe('malformed_token');
    }
  });

  it('R7515-11 are ignored in other members of the header', () => {
    for (const text of STRINGS) {
      const others = { jku: text, jwk: text, x5u: text, x5c: [text], x5t: text, cty: text };
      expect(outcomeOf(decide(CLAIMS, { ...signer.header, ...others }))).toBe('accepted');
    }
  });

  it('R7515-01 are no tokens, nor parts of one', () => {
    const verifier = verifierOf([client]);
    for (const text of STRINGS) {
      expect(outcomeOf(decideNow(verifier, text))).toBe('malformed_token');
      expect(outcomeOf(decideNow(verifier, `${text}.${text}.${text}`))).toBe('malformed_token');
      // What is base64url as it stands is a longer signature.
      expect(outcomeOf(decideNow(verifier, `${signer.sign(CLAIMS)}${text || ' '}`))).toMatch(
        /^(?:malformed_token|invalid_signature)$/,
      );
    }
  });
});

@Controller()
class SomeController {
  @Get()
  hello() {
    return 'hello';
  }
}

describe.each(ADAPTERS)('naughty strings over HTTP on %s', (adapter) => {
  const logger = new MemoryLogger();
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({
      adapter,
      logger,
      imports: [OidcMultiAuthModule.forRoot({ clients: [client], globalGuards: true })],
      controllers: [SomeController],
    });
  });

  /** An answer as it was received, but for when. */
  const answerTo = async (authorization: string): Promise<string> => {
    const { status, headers, body } = await app.get('/', { authorization });
    return inspect([status, [...headers].filter(([name]) => name !== 'date'), body]);
  };

  /** What an HTTP client may send as a header value: Latin-1 without control characters. */
  // oxlint-disable-next-line no-control-regex
  const sendable = STRINGS.filter((text) => /^[\t\x20-\x7e\xa0-\xff]*$/.test(text) && text.trim() !== '');

  it('LIB-25 R6750-11 ATK-9 are echoed nowhere: the answer is the one that any other such header gets', async () => {
    const lines = logger.lines.length;
    const [malformed, opaque, none] = await Promise.all([
      answerTo('Bearer a b'),
      answerTo('Bearer opaque'),
      answerTo('Basic other'),
    ]);
    expect(new Set([malformed, opaque, none]).size).toBe(3);
    let answers = 0;
    for (const text of sendable) {
      expect([malformed, opaque, none]).toContain(await answerTo(text));
      expect([malformed, opaque]).toContain(await answerTo(`Bearer ${text}`));
      answers += 2;
    }
    expect(answers).toBeGreaterThan(500);
    expect(logger.lines.slice(lines).filter((line) => !LINE.test(line))).toEqual([]);
  });

  it('LIB-25 R6750-11 ATK-9 in a token are echoed nowhere: the answer is the one that any other such token gets', async () => {
    const lines = logger.lines.length;
    const places: readonly ((text: string) => readonly [claims: Part, header: Part])[] = [
      (iss) => [{ ...CLAIMS, iss }, signer.header],
      (aud) => [{ ...CLAIMS, aud }, signer.header],
      (kid) => [
        { ...CLAIMS, exp: 9e9 },
        { ...signer.header, kid },
      ],
      (alg) => [CLAIMS, { ...signer.header, alg }],
      (typ) => [CLAIMS, { ...signer.header, typ }],
    ];
    for (const place of places) {
      const tokenOf = (text: string): string => place(text).map(base64url).toReversed().join('.');
      const ordinary = await answerTo(`Bearer ${tokenOf('something else')}.c2ln`);
      expect(ordinary).toContain('401');
      for (const text of STRINGS.filter((one) => one.length < 2_000)) {
        expect(await answerTo(`Bearer ${tokenOf(text)}.c2ln`)).toBe(ordinary);
      }
    }
    expect(logger.lines.slice(lines).filter((line) => !LINE.test(line))).toEqual([]);
  }, 60_000);
});
