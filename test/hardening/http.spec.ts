import { Controller, Get } from '@nestjs/common';
import * as fc from 'fast-check';
import { OidcMultiAuthModule } from 'nestjs-oidc-multi-auth';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { useApps } from '../support/life-cycle';
import { ADAPTERS, type TestApp } from '../support/test-app';
import { AUDIENCE, draftToken, ISSUER } from './differential/draft';
import { NOW } from './support/core';
import { Random, SEED } from './support/random';
import { Signer } from './support/signer';

const startApp = useApps();

@Controller()
class SomeController {
  @Get()
  hello() {
    return 'hello';
  }
}

/** The most that this server reads of headers: more than a client usually may send. */
const MAX_HEADER_SIZE = 1_048_576;

/** How long a request may take at most, in milliseconds, on a busy machine. */
const PROMPTLY = 2_000;

describe.each(ADAPTERS)('over HTTP on %s', (adapter) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  let signers: readonly Signer[];
  let app: TestApp;
  let port: number;
  beforeAll(async () => {
    signers = await Promise.all((['RS256', 'ES256', 'EdDSA'] as const).map((name) => Signer.create(name, name)));
    app = await startApp({
      adapter,
      maxHeaderSize: MAX_HEADER_SIZE,
      imports: [
        OidcMultiAuthModule.forRoot({
          clients: [{ name: 'api', audience: AUDIENCE, issuer: ISSUER, jwks: { keys: signers.map(({ jwk }) => jwk) } }],
          globalGuards: true,
        }),
      ],
      controllers: [SomeController],
    });
    port = Number(new URL(app.url).port);
    jest.spyOn(Date, 'now').mockReturnValue(NOW * 1000);
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    agent.destroy();
  });

  /** The status that header lines get: names and values in turn, in Latin-1. */
  const statusOf = (...lines: readonly string[]): Promise<number> =>
    new Promise((resolve, reject) => {
      const outgoing = request(
        { host: '127.0.0.1', port, agent, headers: ['Host', 'localhost', ...lines] },
        (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode ?? 0));
        },
      );
      outgoing.on('error', reject);
      outgoing.end();
    });

  /** Many requests, a few at a time. */
  const statusesOf = async (values: readonly string[]): Promise<number[]> => {
    const statuses: number[] = [];
    const waiting = values.values();
    const worker = async (): Promise<void> => {
      for (const value of waiting) {
        statuses.push(await statusOf('Authorization', value));
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    return statuses;
  };

  it('LIB-11 R6750-02 no value of the header is answered with 5xx', async () => {
    const latin1 = fc
      .array(fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0xa0, max: 0xff }), fc.constant(0x09)))
      .map((codes) => String.fromCharCode(...codes));
    const scheme = fc.constantFrom('Bearer ', 'bearer ', 'BEARER  ', 'Bearer', 'Bearer\t', 'Basic ', 'DPoP ', '');
    const values = fc.sample(
      fc.tuple(scheme, latin1).map((parts) => parts.join('')),
      { seed: SEED, numRuns: 1_000 },
    );
    const random = new Random(SEED);
    // What an HTTP client would not send is sent below.
    const tokens = Array.from({ length: 1_000 }, () => `Bearer ${draftToken(random, signers)}`).filter((value) =>
      /^[\t\x20-\x7e\xa0-\xff]*$/.test(value),
    );
    const statuses = await statusesOf([...values, ...tokens]);
    expect(statuses.length).toBeGreaterThan(1_900);
    // 200 is for the valid ones among the tokens.
    expect([...new Set(statuses)].sort((one, other) => one - other)).toEqual([200, 400, 401]);
  }, 60_000);

  it('LIB-11 R6750-02 nor are octets that no HTTP client sends', async () => {
    const octets = fc.sample(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }).map((some) => Buffer.from(some)),
        fc.string({ unit: 'binary', maxLength: 100 }).map((text) => Buffer.from(text)),
      ),
      { seed: SEED, numRuns: 300 },
    );
    const statuses: (number | undefined)[] = [];
    for (const some of octets) {
      statuses.push(await rawStatusOf(Buffer.concat([Buffer.from('Authorization: Bearer '), some])));
    }
    const answered = statuses.filter((status) => status !== undefined);
    expect(answered.length).toBeGreaterThan(200);
    expect(answered.filter((status) => status < 400 || status >= 500)).toEqual([]);
  }, 60_000);

  /** The status that a request with these octets among its headers gets, if the server says anything. */
  function rawStatusOf(lines: Buffer): Promise<number | undefined> {
    return new Promise((resolve) => {
      let answer = '';
      const socket = connect(port, '127.0.0.1', () => {
        socket.end(
          Buffer.concat([Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n'), lines, Buffer.from('\r\n\r\n')]),
        );
      });
      socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(answer === '' ? undefined : Number(answer.split(' ')[1])));
    });
  }

  it.each([
    [
      '10,000 header lines with tokens',
      Array.from({ length: 10_000 }, (_, index) => ['Authorization', `Bearer ${index}`]),
    ],
    [
      'the same twice, once in capitals',
      [
        ['authorization', 'Bearer a'],
        ['AUTHORIZATION', 'Bearer a'],
      ],
    ],
    [
      'a token, then 900 other lines, then another token',
      [
        ['Authorization', 'Bearer a'],
        ...Array.from({ length: 900 }, (_, index) => [`X-${index}`, 'x']),
        ['Authorization', 'Bearer b'],
      ],
    ],
  ])('R6750-03 ATK-1 a flood of lines is 400: %s', async (_name, lines) => {
    const start = performance.now();
    expect(await statusOf(...lines.flat())).toBe(400);
    expect(performance.now() - start).toBeLessThan(PROMPTLY);
  });

  it.each([
    ['a token', 401, `Bearer ${'a'.repeat(1_000_000)}`],
    ['dots', 401, `Bearer ${'.'.repeat(1_000_000)}`],
    ['padding', 400, `Bearer ${'='.repeat(1_000_000)}`],
    ['a token and padding and more', 400, `Bearer ${'a'.repeat(500_000)}${'='.repeat(400_000)}a`],
    ['spaces', 400, `Bearer${' '.repeat(1_000_000)}é`],
    ['many tokens', 400, `Bearer ${'a '.repeat(500_000)}`],
    ['a scheme', 401, 'B'.repeat(1_000_000)],
    ['commas', 400, `Bearer ${','.repeat(1_000_000)}`],
  ])('LIB-27 ATK-1 a value of a million octets is refused at once: %s', async (_name, status, value) => {
    const start = performance.now();
    expect(await statusOf('Authorization', value)).toBe(status);
    expect(performance.now() - start).toBeLessThan(PROMPTLY);
  });

  it('and good tokens are answered as before', async () => {
    const [signer] = signers;
    const token = signer?.sign({ iss: ISSUER, aud: AUDIENCE, exp: NOW + 60 }) ?? '';
    expect(await statusOf('Authorization', `Bearer ${token}`)).toBe(200);
  });
});
