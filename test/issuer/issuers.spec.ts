import { resolveConfiguration, type Configuration } from '../../lib/configuration/resolve-configuration';
import { Issuers } from '../../lib/issuer/issuers';
import { ManualClock } from '../support/clock';
import { useTestIssuer } from '../support/life-cycle';
import { MemoryLogger } from '../support/test-app';

describe('issuers that are built anew', () => {
  const issuer = useTestIssuer();
  const other = useTestIssuer();

  const configure = (...clients: readonly (readonly [name: string, issuer: string])[]): Configuration =>
    resolveConfiguration({ clients: clients.map(([name, iss]) => ({ name, audience: name, issuer: iss })) });
  const build = (configuration: Configuration, previous?: Issuers): Issuers =>
    Issuers.of(configuration.issuers, configuration, new ManualClock(), new MemoryLogger(), previous);
  const ofClient = (issuers: Issuers, { clients }: Configuration, name: string) => {
    const client = clients.client(name);
    if (client === undefined) {
      throw new Error('no client');
    }
    return issuers.of(client.issuer);
  };

  it('keep those that did not change, with their keys, and close only those that are gone', async () => {
    const first = configure(['a', issuer.issuer], ['b', other.issuer]);
    const before = build(first);
    await before.warmUp();
    const second = configure(['c', issuer.issuer]);
    const after = build(second, before);
    before.close(after);

    const kept = ofClient(after, second, 'c');
    expect(kept).toBe(ofClient(before, first, 'a'));
    expect(kept.health).toMatchObject({ isHealthy: true, keyCount: 1 });
    // What is known is not fetched again.
    const fetches = issuer.requests.jwks;
    await after.warmUp();
    expect(issuer.requests.jwks).toBe(fetches);
    after.close();
  });

  it('are new where the keys are elsewhere', () => {
    const first = configure(['a', issuer.issuer]);
    const before = build(first);
    const second = resolveConfiguration({
      clients: [{ name: 'a', audience: 'a', issuer: issuer.issuer, jwksUri: `${issuer.issuer}/other` }],
    });
    const after = build(second, before);
    expect(ofClient(after, second, 'a')).not.toBe(ofClient(before, first, 'a'));
    before.close(after);
    after.close();
  });
});
