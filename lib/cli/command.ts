/** The input and output of a command. */
export interface CommandCall {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
  /** Writes text to standard output. */
  readonly print: (text: string) => void;
}

/** One command of the command line. */
export interface Command {
  /** The arguments after its name, for the help. */
  readonly usage: string;
  readonly summary: string;
  readonly options: Readonly<Record<string, { readonly type: 'string' | 'boolean'; readonly description: string }>>;
  /** @returns the exit code. */
  readonly run: (call: CommandCall) => Promise<number>;
}

/** A wrong call. The message says how to correct it. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
}
