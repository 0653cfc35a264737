import type { Rule } from '@angular-devkit/schematics';
import { addPeers } from './add-peers';
import { findModule, findSetUp } from './application-files';
import { checkedClient, fieldsText, type ClientAnswers } from './client-answers';
import { addToModule } from './edit-module';
import { loadTypeScript } from './load-typescript';

/** What `nest add nestjs-oidc-multi-auth` is told: schema.json describes it, asks for it and gives the defaults. */
export interface NestAddOptions extends ClientAnswers {
  readonly module?: string;
  readonly sourceRoot?: string;
  readonly skipInstall?: boolean;
}

/**
 * The schematic that `nest add nestjs-oidc-multi-auth` runs after it has installed the package. Imports the module, with one
 * client and global guards, into the application's module, and adds missing peers to package.json. Changes nothing if the
 * module is already imported.
 *
 * @throws OidcConfigurationError if the answers have faults.
 * @throws Error if there is no module, or it cannot be edited.
 */
export function nestAdd(options: NestAddOptions): Rule {
  return (tree, context) => {
    const { sourceRoot = 'src', module, skipInstall = false } = options;
    const client = checkedClient(options);
    const typescript = loadTypeScript();
    const setUp = findSetUp(typescript, tree, sourceRoot);
    if (setUp === undefined) {
      const path = findModule(tree, sourceRoot, module);
      tree.overwrite(path, addToModule(typescript, tree.readText(path), path, client));
      context.logger.info(
        `Every route needs a token of client "${client.name}" from now on: open those that do not by @Public().`,
      );
    } else {
      context.logger.warn(
        `OidcMultiAuthModule is set up already, in ${setUp}, and stays as it is. For another client, add to its clients: ` +
          `{ ${fieldsText(client).join(', ')} }`,
      );
    }
    if (addPeers(tree) && !skipInstall) {
      // The same as NodePackageInstallTask, written out because the application may not be able to load its package.
      context.addTask({
        toConfiguration: () => ({ name: 'node-package', options: { command: 'install', quiet: true } }),
      });
    }
  };
}
