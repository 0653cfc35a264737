import { createHash } from 'node:crypto';
import { types } from 'node:util';
import { Thrown } from '../core/checks/strictness';
import type { Client } from '../core/client/client';
import type { EnrichmentSettings, OidcEnrichment } from '../core/client/enrichment';
import type { Clock } from '../core/clock';
import type { AcceptedDecision } from '../core/decision/decision';
import type { Failure } from '../core/decision/failure';
import type { OidcPrincipal } from '../core/principal/oidc-principal';
import { unique } from '../core/principal/unique';
import type { Presentation } from '../core/token/presentation';
import { isJsonObject } from '../core/token/json-object';
import type { IssuerLog } from '../issuer/key-refresh';

/** What is added. */
type Additions = Required<OidcEnrichment>;

/** What the application adds for a token, or why its caller is refused. */
type Answer = { readonly additions: Additions } | { readonly additions?: undefined; readonly failure: Failure };

/** The answers for one client. */
interface Pool {
  readonly answers: Map<string, { readonly answer: Answer; readonly freshUntil: number }>;
  readonly loading: Map<string, Promise<Answer>>;
  isFailing: boolean;
}

/**
 * Adds to the principals of accepted tokens what the application knows of their callers. Answers are remembered for a token,
 * and several requests with one token load once. Refused tokens never get here.
 *
 * @internal
 */
export class Enrichments {
  readonly #pools = new Map<string, Pool>();

  constructor(
    private readonly clock: Clock,
    private readonly log: IssuerLog | undefined,
  ) {}

  /** Without a promise where the answer is remembered. Never rejects. */
  enrich(
    decision: AcceptedDecision,
    client: Client,
    settings: EnrichmentSettings,
    presentation: Presentation,
  ): AcceptedDecision | Failure | Promise<AcceptedDecision | Failure> {
    const answer = this.#find(decision.principal, client, settings, presentation);
    return answer instanceof Promise
      ? answer.then((settled) => complete(decision, client, settled))
      : complete(decision, client, answer);
  }

  #find(
    principal: OidcPrincipal,
    client: Client,
    settings: EnrichmentSettings,
    { token, request }: Presentation,
  ): Answer | Promise<Answer> {
    const pool = this.#poolOf(client);
    const load = (): Promise<Answer> => this.#load(client, settings, pool, () => settings.load(principal, request));
    if (settings.cacheFor === 0) {
      return load();
    }
    const key = createHash('sha256').update(token).digest('base64');
    const known = pool.answers.get(key);
    if (known !== undefined && this.clock.monotonic() < known.freshUntil) {
      pool.answers.delete(key);
      pool.answers.set(key, known);
      return known.answer;
    }
    const loading = pool.loading.get(key);
    if (loading !== undefined) {
      return loading;
    }
    // An answer is as old as the question.
    const freshUntil = this.clock.monotonic() + settings.cacheFor;
    const started = load().then((answer) => {
      pool.loading.delete(key);
      if (answer.additions !== undefined || answer.failure.code === 'access_denied') {
        remember(pool, key, { answer, freshUntil }, settings.maxEntries);
      }
      return answer;
    });
    pool.loading.set(key, started);
    return started;
  }

  async #load(client: Client, { timeout }: EnrichmentSettings, pool: Pool, load: () => unknown): Promise<Answer> {
    try {
      const answer = readAnswer(await withinTime(load, timeout));
      pool.isFailing = false;
      return answer;
    } catch (error) {
      this.#report(client, pool, error);
      return failed('state_unavailable', new Thrown(error));
    }
  }

  /** Says once that it fails, until it works again. */
  #report({ name }: Client, pool: Pool, error: unknown): void {
    if (pool.isFailing) {
      return;
    }
    pool.isFailing = true;
    const reason = types.isNativeError(error) ? error.message : 'no error object was thrown';
    try {
      this.log?.warn(
        `enrich of client ${JSON.stringify(name)} failed: ${JSON.stringify(reason)}; such callers get 503 state_unavailable`,
      );
    } catch {
      // A logger that fails must not make a decision fail.
    }
  }

  #poolOf({ name }: Client): Pool {
    const pool = this.#pools.get(name) ?? { answers: new Map(), loading: new Map(), isFailing: false };
    this.#pools.set(name, pool);
    return pool;
  }
}

function complete(decision: AcceptedDecision, client: Client, answer: Answer): AcceptedDecision | Failure {
  if (answer.additions === undefined) {
    return answer.failure;
  }
  const { roles, scopes, details } = answer.additions;
  const { principal } = decision;
  const all = roles.length === 0 ? principal.roles : unique(client.completeRoles([...principal.roles, ...roles]));
  return { ...decision, principal: principal.with(all, unique([...principal.scopes, ...scopes]), details) };
}

/** @throws TypeError for anything that is not an answer. */
function readAnswer(value: unknown): Answer {
  if (value === false) {
    return failed('access_denied', value);
  }
  if (value !== undefined && !isJsonObject(value)) {
    throw new TypeError('it returned neither an object nor undefined nor false');
  }
  const { roles = [], scopes = [], details, ...others } = value ?? {};
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new TypeError(`it returned the unknown member ${unknown}: roles, scopes and details are known`);
  }
  if (!isNames(roles) || !isNames(scopes)) {
    throw new TypeError('it returned roles or scopes that are not arrays of strings');
  }
  return { additions: { roles: [...roles], scopes: [...scopes], details } };
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((member) => typeof member === 'string');
}

/** @throws Error after the time, in milliseconds. */
async function withinTime(load: () => unknown, milliseconds: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([load(), late]);
  } finally {
    clearTimeout(timer);
  }
}

function remember(
  { answers }: Pool,
  key: string,
  entry: { readonly answer: Answer; readonly freshUntil: number },
  most: number,
): void {
  answers.delete(key);
  answers.set(key, entry);
  for (const [oldest] of answers) {
    if (answers.size <= most) {
      break;
    }
    answers.delete(oldest);
  }
}

function failed(code: 'state_unavailable' | 'access_denied', actual: unknown): Answer {
  return { failure: { check: 'enrich', code, option: 'enrich', actual } };
}
