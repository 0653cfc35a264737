#!/usr/bin/env node
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { UsageError, type Command } from './command';
import { doctorCommand } from './doctor.command';
import { explainCommand } from './explain.command';
import { revokeCommand } from './revoke.command';
import { routesCommand } from './routes.command';

const COMMANDS: Readonly<Record<string, Command>> = {
  doctor: doctorCommand,
  explain: explainCommand,
  revoke: revokeCommand,
  routes: routesCommand,
};

/** Runs one command. Exit code 2 means that it could not be done. */
async function main([name, ...args]: readonly string[]): Promise<number> {
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (name === undefined || command === undefined || args.includes('--help')) {
    const isAsked = name === '--help' || name === 'help' || command !== undefined;
    const unknown = name === undefined || isAsked ? '' : `there is no command ${JSON.stringify(name)}\n\n`;
    (isAsked ? process.stdout : process.stderr).write(unknown + helpOf(command === undefined ? undefined : name));
    return isAsked ? 0 : 2;
  }
  try {
    const { values, positionals } = parseArgs({ args, options: { ...command.options }, allowPositionals: true });
    return await command.run({ values, positionals, print: (text) => process.stdout.write(text) });
  } catch (error) {
    const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
    process.stderr.write(isUsage ? `${error.message}\n\n${helpOf(name)}` : describe(error));
    return 2;
  }
}

function helpOf(only: string | undefined): string {
  const commands = Object.entries(COMMANDS).filter(([name]) => only === undefined || name === only);
  return commands
    .flatMap(([name, { usage, summary, options }]) => [
      `npx nestjs-oidc-multi-auth ${name} ${usage}`,
      `    ${summary}`,
      ...Object.entries(options).map(
        ([option, { type, description }]) =>
          `    --${`${option}${type === 'string' ? ' <value>' : ''}`.padEnd(18)} ${description}`,
      ),
      '',
    ])
    .join('\n');
}

function describe(error: unknown): string {
  // A configuration error has every fault in its message, also one of another copy of this package.
  if (error instanceof Error && error.name === 'OidcConfigurationError') {
    return `${error.message}\n`;
  }
  return `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
}

async function run(): Promise<void> {
  const code = await main(process.argv.slice(2));
  // Handles that the application left open must not keep this process alive, and output must be flushed first.
  process.exitCode = code;
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

void run();
