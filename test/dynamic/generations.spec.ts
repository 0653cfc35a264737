import { setTimeout as sleep } from 'node:timers/promises';
import type { OidcClientOptions } from 'nestjs-oidc-multi-auth';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { client, clientsOf, startStatic } from './support';

const issuer = useTestIssuer();
const startApp = useApps();

/** How long the load lasts. `npm run stress:clients` takes longer. */
const SECONDS = Number(process.env['EXCHANGE_SECONDS'] ?? 3);

/** How many callers there are at a time. */
const CALLERS = 8;

/** Two directories: the same audience is another client's, with other roles. Half of one with half of the other would show. */
const directory = (parity: 'odd' | 'even'): OidcClientOptions[] => [
  client(issuer, parity, { audience: 'api', roles: parity }),
  client(issuer, `only-${parity}`),
];

it(
  `DYN-1 LIB-23 no request fails and none sees half of an exchange, with one every 100 ms for ${SECONDS} s`,
  async () => {
    const app = await startStatic(startApp, directory('odd'));
    const clients = clientsOf(app);
    const tokens = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        issuer.tokenFor('api', { claims: { jti: `${index}`, odd: ['odd'], even: ['even'] } }),
      ),
    );
    const [onlyOdd, onlyEven] = [await issuer.tokenFor('only-odd'), await issuer.tokenFor('only-even')];
    const seen = { odd: 0, even: 0 };
    const faults: unknown[] = [];
    const over = new AbortController();

    const call = async (caller: number): Promise<void> => {
      let count = caller;
      while (!over.signal.aborted) {
        count += 1;
        // Each caller asks one thing after the other.
        // oxlint-disable-next-line no-await-in-loop
        const { status, body } = await app.get('/me', tokens[count % tokens.length]);
        const parity = body.client === 'odd' ? 'odd' : 'even';
        seen[parity] += 1;
        if (status !== 200 || body.client !== parity || JSON.stringify(body.roles) !== JSON.stringify([parity])) {
          faults.push({ status, body });
        }
      }
    };

    const exchange = async (): Promise<number> => {
      const end = Date.now() + SECONDS * 1000;
      let exchanges = 0;
      for (let parity: 'odd' | 'even' = 'even'; Date.now() < end; parity = parity === 'odd' ? 'even' : 'odd') {
        const { generation } = await clients.replace(directory(parity));
        exchanges += 1;
        const [gone, here] = parity === 'odd' ? [onlyEven, onlyOdd] : [onlyOdd, onlyEven];
        const [refused, accepted] = await Promise.all([app.get('/me', gone), app.get('/me', here)]);
        if (refused.status !== 401 || accepted.status !== 200 || generation !== exchanges + 1) {
          faults.push({ refused, accepted, generation });
        }
        await sleep(100);
      }
      over.abort();
      return exchanges;
    };

    const [exchanges] = await Promise.all([
      exchange(),
      ...Array.from({ length: CALLERS }, (_, caller) => call(caller)),
    ]);
    expect(faults).toEqual([]);
    expect(exchanges).toBeGreaterThan(SECONDS * 2);
    expect(Math.min(seen.odd, seen.even)).toBeGreaterThan(10);
  },
  SECONDS * 1000 + 30_000,
);
