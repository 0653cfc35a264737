import type { OidcMultiAuthOptions } from '../../lib/configuration/options';
import { readAsked } from '../../lib/explanation/asked-access';
import { explainToken } from '../../lib/explanation/explain-token';
import type { Explanation, ExplainOptions } from '../../lib/explanation/explanation';
import { OidcRuntime } from '../../lib/nest/runtime/oidc-runtime';

const SILENT = { log: () => undefined, warn: () => undefined, error: () => undefined, debug: () => undefined };

/** A runtime that says nothing. */
export function runtimeOf(options: OidcMultiAuthOptions): OidcRuntime {
  return new OidcRuntime(options, SILENT);
}

/** Explains one token to a configuration of its own. */
export async function explainWith(
  options: OidcMultiAuthOptions,
  token: string,
  asked: ExplainOptions = {},
): Promise<Explanation> {
  const runtime = runtimeOf(options);
  try {
    return await explainToken(runtime.current, token, readAsked(asked, runtime.configuration.clients));
  } finally {
    runtime.current.issuers.close();
  }
}

/** The step that failed; undefined where none did. */
export function failedStep({ steps }: Pick<Explanation, 'steps'>): string | undefined {
  return steps.find(({ outcome }) => outcome === 'failed')?.name;
}

/** The hints of one code, as text. */
export function textOf({ hints }: Explanation, code: string): string {
  return hints
    .filter((hint) => hint.code === code)
    .map(({ text }) => text)
    .join('\n');
}

/** Every run of 16 characters of a token's claims and signature. */
export function fragments(token: string): string[] {
  return token
    .split('.')
    .slice(1)
    .flatMap((part) => Array.from({ length: Math.max(0, part.length - 15) }, (_, at) => part.slice(at, at + 16)));
}
