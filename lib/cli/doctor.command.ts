import { styleText } from 'node:util';
import { OidcConfigurationError } from '../configuration/configuration-error';
import { resolveConfiguration, type Configuration } from '../configuration/resolve-configuration';
import { examine } from '../doctor/doctor';
import { formatReport, type Styler } from '../doctor/format-report';
import { printable } from '../doctor/printable';
import type { DoctorReport } from '../doctor/report';
import { UsageError, type Command, type CommandCall } from './command';
import { CONFIG_OPTIONS, loadOptions } from './load-options';

/** Examines the issuers and clients of a configuration as the application would meet them. */
export const doctorCommand: Command = {
  usage: '--config <file>',
  summary: 'what is wrong, or about to be, with the issuers and clients of a configuration; asks the issuers',
  options: {
    ...CONFIG_OPTIONS,
    json: { type: 'boolean', description: 'as JSON' },
    strict: { type: 'boolean', description: 'exit with 1 for warnings, too' },
  },
  async run(call) {
    const { values, positionals, print } = call;
    if (positionals.length > 0) {
      throw new UsageError(`doctor takes no ${positionals.join(' ')}: give the configuration by --config`);
    }
    const configuration = configurationOf(await loadOptions(textOf(values['config']), textOf(values['export'])), call);
    if (configuration === undefined) {
      return 2;
    }
    const report = await examine(configuration, { isProduction: process.env['NODE_ENV'] === 'production' });
    print(values['json'] === true ? asJson(report) : formatReport(report, stylerFor(process.stdout)));
    return exitCodeOf(report, values['strict'] === true);
  },
};

/** The configuration, as it is checked when an application starts; undefined once its faults have been told. */
function configurationOf(options: unknown, { values, print }: CommandCall): Configuration | undefined {
  try {
    return resolveConfiguration(options);
  } catch (error) {
    if (!(error instanceof OidcConfigurationError)) {
      throw error;
    }
    if (values['json'] === true) {
      print(asJson({ faults: error.faults }));
    }
    process.stderr.write(`${error.message.split('\n').map(printable).join('\n')}\n`);
    return undefined;
  }
}

function exitCodeOf({ status }: DoctorReport, isStrict: boolean): number {
  return status === 'problem' || (isStrict && status === 'warning') ? 1 : 0;
}

/** Colours for a terminal, unless its user wants none (https://no-color.org). */
function stylerFor(stream: NodeJS.WriteStream): Styler {
  const isPlain = !stream.isTTY || (process.env['NO_COLOR'] ?? '') !== '' || process.env['TERM'] === 'dumb';
  return isPlain ? (_style, text) => text : (style, text) => styleText(style, text);
}

function asJson(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function textOf(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
