import { X509Certificate } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { text as readStream } from 'node:stream/consumers';
import { styleText } from 'node:util';
import { readAsked, type AskedAccess } from '../explanation/asked-access';
import { explainToken } from '../explanation/explain-token';
import type { Explanation, ExplainOptions } from '../explanation/explanation';
import { formatExplanation, type Emphasis, type Paint } from '../explanation/format-explanation';
import { OidcRuntime } from '../nest/runtime/oidc-runtime';
import { UsageError, type Command, type CommandCall } from './command';
import { CONFIG_OPTIONS, loadOptions } from './load-options';

/** Explains one token to a developer. */
export const explainCommand: Command = {
  usage: '--config <file> <token | file | ->',
  summary:
    'why a token is accepted or refused; give it by standard input with -, because a token on the command line stays in ' +
    'the history of the shell',
  options: {
    ...CONFIG_OPTIONS,
    client: { type: 'string', description: 'the clients a route is for, separated by commas' },
    role: { type: 'string', description: 'roles of which a route wants any, separated by commas' },
    'all-roles': { type: 'string', description: 'roles of which a route wants every one, separated by commas' },
    scope: { type: 'string', description: 'scopes of which a route wants every one, separated by commas' },
    proof: { type: 'string', description: 'the DPoP proof of the request, or a file that holds it' },
    certificate: { type: 'string', description: 'a file with the certificate of the caller, as PEM' },
    method: { type: 'string', description: 'the method of the request; GET if it is left out' },
    url: { type: 'string', description: 'the URL of the request, for a token that is bound to its sender' },
    acr: { type: 'string', description: 'values of acr of which a route wants any, separated by commas' },
    'max-age': { type: 'string', description: 'seconds since auth_time that a route accepts' },
    'ask-issuer': { type: 'boolean', description: 'ask the issuer about the token, as its introspection says' },
    json: { type: 'boolean', description: 'as JSON' },
    'no-color': { type: 'boolean', description: 'without colours' },
  },
  async run(call) {
    const { values, positionals, print } = call;
    const source = sourceOf(positionals);
    const options = await loadOptions(values['config']?.toString(), values['export']?.toString());
    const explanation = await explain(options, await readToken(source), call);
    print(
      values['json'] === true
        ? `${JSON.stringify(explanation, undefined, 2)}\n`
        : formatExplanation(explanation, isColoured(values) ? inColour : undefined),
    );
    return explanation.accepted ? 0 : 1;
  },
};

/** @throws UsageError unless exactly one is given. It never repeats what was given, which may be a token. */
function sourceOf([first, second, ...others]: readonly string[]): string {
  // A header that was copied whole, with its scheme, is one token and not two.
  const isScheme = first !== undefined && /^(?:bearer|jwt|token):?$/i.test(first);
  const source = isScheme && second !== undefined ? `${first} ${second}` : first;
  if (source === undefined || others.length > 0 || (second !== undefined && source === first)) {
    throw new UsageError('give one token, a file that holds one, or - to read it from standard input');
  }
  return source;
}

async function readToken(source: string): Promise<string> {
  if (source === '-') {
    return (await readStream(process.stdin)).trim();
  }
  if (existsSync(source) && statSync(source).isFile()) {
    return (await readFile(source, 'utf8')).trim();
  }
  if (/\.(?:txt|jwt|token)$/i.test(source)) {
    throw new UsageError('there is no such file');
  }
  return source;
}

async function explain(options: unknown, token: string, { values }: CommandCall): Promise<Explanation> {
  const runtime = new OidcRuntime(options, SILENT);
  try {
    // What replicas share is asked too.
    await runtime.revocations?.start();
    return await explainToken(runtime.current, token, {
      ...readAskedIn(values, runtime),
      ...(await requestIn(values)),
    });
  } finally {
    runtime.revocations?.close();
    runtime.current.issuers.close();
    runtime.current.introspections?.close();
  }
}

/** @throws UsageError for an unknown client. */
function readAskedIn(values: CommandCall['values'], { configuration }: OidcRuntime): AskedAccess {
  try {
    return readAsked(askedIn(values), configuration.clients);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** @throws UsageError for a proof or a certificate without a URL, or one that cannot be read. */
async function requestIn(values: CommandCall['values']): Promise<Pick<AskedAccess, 'request'>> {
  const [proof, certificate, method, url] = ['proof', 'certificate', 'method', 'url'].map((name) =>
    values[name]?.toString(),
  );
  if (url === undefined) {
    if (proof === undefined && certificate === undefined && method === undefined) {
      return {};
    }
    throw new UsageError('give the URL of the request by --url');
  }
  const pem = certificate === undefined ? undefined : await readToken(certificate);
  try {
    return {
      request: {
        method: method ?? 'GET',
        url,
        ...(proof !== undefined && { proof: await readToken(proof) }),
        ...(pem !== undefined && { certificate: new X509Certificate(pem).toString() }),
      },
    };
  } catch (error) {
    throw new UsageError('the certificate is not PEM text', { cause: error });
  }
}

function askedIn(values: CommandCall['values']): ExplainOptions {
  const names = (option: string): readonly string[] | undefined =>
    values[option]
      ?.toString()
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
  const acr = names('acr');
  const maxAge = values['max-age'];
  return {
    askIssuer: values['ask-issuer'] === true,
    clients: names('client'),
    roles: names('role'),
    allRoles: names('all-roles'),
    scopes: names('scope'),
    ...(acr === undefined && maxAge === undefined
      ? {}
      : { authenticationContext: { ...(acr && { acr }), ...(maxAge !== undefined && { maxAge: Number(maxAge) }) } }),
  };
}

/** The explanation contains what issuers log about their fetches. */
const SILENT = { log: () => undefined, warn: () => undefined, error: () => undefined, debug: () => undefined };

const STYLES = { good: 'green', bad: 'red', faint: 'dim', strong: 'bold' } as const satisfies Record<Emphasis, string>;

const inColour: Paint = (emphasis, text) => styleText(STYLES[emphasis], text);

/** Whether the terminal has colours and its user did not switch them off (`NO_COLOR`). */
function isColoured(values: CommandCall['values']): boolean {
  return values['no-color'] !== true && process.stdout.isTTY && process.stdout.hasColors();
}
