import { describeAccess } from '../nest/access-table/describe-access';
import { UsageError, type Command } from './command';
import { loadApplication } from './load-application';

/** Prints who may call what in an application. */
export const routesCommand: Command = {
  usage: '<module file>',
  summary: 'who may call what: every route and message, with the guards before it and what it asks for',
  options: {
    export: { type: 'string', description: 'which export: a module, or a function that makes the application' },
    json: { type: 'boolean', description: 'as JSON' },
    explicit: { type: 'boolean', description: 'as with requireExplicitAccess: each must say who may call it' },
    check: { type: 'boolean', description: 'exit with 1 if anything is wrong or doubtful' },
  },
  async run({ values, positionals, print }) {
    const [file, ...others] = positionals;
    if (file === undefined || others.length > 0) {
      throw new UsageError('give one file, of compiled JavaScript, that exports a module, such as dist/app.module.js');
    }
    const { app, require } = await loadApplication(file, values['export']?.toString());
    const table = ownDescribe(require)(app, values['explicit'] === true ? { requireExplicitAccess: true } : {});
    print(values['json'] === true ? `${JSON.stringify(table, undefined, 2)}\n` : table.toMarkdown());
    await app.close();
    return values['check'] === true && table.findings.length > 0 ? 1 : 0;
  },
};

/** Guards are recognized by their classes, which are those of the application's own copy of this package. */
function ownDescribe(require: NodeJS.Require): typeof describeAccess {
  try {
    return (require('nestjs-oidc-multi-auth') as { describeAccess: typeof describeAccess }).describeAccess;
  } catch {
    return describeAccess;
  }
}
