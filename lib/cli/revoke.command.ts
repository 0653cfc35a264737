import { randomUUID } from 'node:crypto';
import { resolveConfiguration } from '../configuration/resolve-configuration';
import type { OidcRevocationOptions } from '../configuration/revocation-options';
import type { RevocationEntry } from '../core/revocation/revocation';
import { systemClock } from '../core/clock';
import { UsageError, type Command } from './command';
import { CONFIG_OPTIONS, loadOptions } from './load-options';

/** The longest clock tolerance of a client, in seconds. */
const TOLERANCE = 300;

/** How long the store may take to connect and answer, in seconds. */
const PATIENCE = 10;

/** Writes a revocation to the store that an application shares. */
export const revokeCommand: Command = {
  usage: '--config <file> --issuer <iss> (--jti <jti> | --sid <sid> | --subject <sub>), or --client <name>',
  summary: 'revokes a token, a session, or the tokens of a subject or client, in the store of the configuration',
  options: {
    ...CONFIG_OPTIONS,
    issuer: { type: 'string', description: 'the exact iss of the tokens' },
    jti: { type: 'string', description: 'revoke one token' },
    sid: { type: 'string', description: 'revoke the tokens of a session' },
    subject: { type: 'string', description: 'revoke the tokens of a subject (sub)' },
    client: { type: 'string', description: 'revoke the tokens of a configured client, by its name' },
    before: { type: 'string', description: 'only tokens issued before this date; by default now (subject, client)' },
  },
  run: async ({ values, print }) => {
    const options = await loadOptions(textOf(values['config']), textOf(values['export']));
    const { revocation, clients } = resolveConfiguration(options);
    const store = (options['revocation'] as OidcRevocationOptions | undefined)?.store;
    if (revocation === undefined || store === undefined) {
      throw new UsageError(
        'the configuration has no revocation.store: without one, only the application itself can revoke',
      );
    }
    const { client } = values;
    if (client !== undefined && clients.client(String(client)) === undefined) {
      throw new UsageError(`there is no client ${JSON.stringify(client)} in the configuration`);
    }
    const now = systemClock.now();
    const { kind, issuer, value, issuedBefore } = requestOf(values, now);
    const entry: RevocationEntry = {
      id: randomUUID(),
      kind,
      issuer,
      value,
      ...(issuedBefore !== undefined && { issuedBefore }),
      revokedAt: now,
      expiresAt: Math.max(now, issuedBefore ?? now) + revocation.maxTokenLifetime + TOLERANCE,
      origin: 'command',
    };
    await appendWithin(() => store.append([entry]));
    print(
      `revoked: ${kind === 'client' ? `all tokens of client ${JSON.stringify(value)}` : `${WHAT[kind]} of ${issuer}`}\n`,
    );
    return 0;
  },
};

const WHAT = { token: 'a token', session: 'a session', subject: 'the tokens of a subject' } as const;

/** A client of the store may not be connected yet. The id is the same, so the entry is stored once. */
async function appendWithin(append: () => Promise<void>): Promise<void> {
  const until = systemClock.monotonic() + PATIENCE;
  for (;;) {
    try {
      // oxlint-disable-next-line no-await-in-loop
      await append();
      return;
    } catch (error) {
      if (systemClock.monotonic() >= until) {
        throw error;
      }
      // oxlint-disable-next-line no-await-in-loop
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

type Request = Pick<RevocationEntry, 'issuer' | 'value' | 'issuedBefore'> & {
  readonly kind: 'token' | 'session' | 'subject' | 'client';
};

function requestOf(values: Readonly<Record<string, string | boolean | undefined>>, now: number): Request {
  const named = (['jti', 'sid', 'subject', 'client'] as const).filter((name) => values[name] !== undefined);
  const [name] = named;
  const issuer = textOf(values['issuer']) ?? '';
  if (name === undefined || named.length > 1 || (issuer === '') !== (name === 'client')) {
    throw new UsageError('give --issuer with one of --jti, --sid and --subject, or --client alone');
  }
  const value = textOf(values[name]) ?? '';
  const before = textOf(values['before']);
  const isCutOff = name === 'subject' || name === 'client';
  if (value === '' || (before !== undefined && !isCutOff)) {
    throw new UsageError(`--${name} is empty, or does not go with --before`);
  }
  const issuedBefore = before === undefined ? now : Date.parse(before) / 1000;
  if (!Number.isFinite(issuedBefore)) {
    throw new UsageError('--before is no date: give one such as 2030-01-31T12:00:00Z');
  }
  const kind = ({ jti: 'token', sid: 'session', subject: 'subject', client: 'client' } as const)[name];
  return { kind, issuer, value, ...(isCutOff && { issuedBefore }) };
}

function textOf(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
