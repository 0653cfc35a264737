/** What a command is given, and where it writes. */
export interface CommandCall {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
  /** Writes text to standard output. */
  readonly print: (text: string) => void;
}

/** One command of the command line. */
export interface Command {
  /** What stands behind its name. */
  readonly usage: string;
  readonly summary: string;
  readonly options: Readonly<Record<string, { readonly type: 'string' | 'boolean'; readonly description: string }>>;
  /** @returns the exit code. */
  readonly run: (call: CommandCall) => Promise<number>;
}

/** The call is wrong: the message says what would be right. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
}
