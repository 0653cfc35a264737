/**
 * Writes the reference, a page for each entry point, from the comments of the code. It fails where these are unclear.
 *
 * node scripts/write-reference.mjs [folder]     default: docs/reference
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, Converter, ReflectionKind, TSConfigReader } from 'typedoc';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = process.argv[2] ?? join(root, 'docs/reference');

/** What an import names, to the file that it stands for: the page is called like its last part. */
const ENTRY_POINTS = {
  'nestjs-oidc-multi-auth': 'lib/index.ts',
  'nestjs-oidc-multi-auth/mcp': 'lib/mcp/index.ts',
  'nestjs-oidc-multi-auth/openapi': 'lib/openapi/index.ts',
  'nestjs-oidc-multi-auth/redis': 'lib/redis/index.ts',
  'nestjs-oidc-multi-auth/testing': 'lib/testing/index.ts',
};
const pageOf = (entryPoint) => entryPoint.split('/').at(-1);

const application = await Application.bootstrapWithPlugins(
  {
    plugin: ['typedoc-plugin-markdown'],
    tsconfig: join(root, 'tsconfig.build.json'),
    entryPoints: Object.values(ENTRY_POINTS).map((file) => join(root, file)),
    router: 'module',
    readme: 'none',
    logLevel: 'Warn',
    validation: { notExported: true, invalidLink: true, rewrittenLink: true, notDocumented: true },
    // Types of parameters, which say all there is to say.
    intentionallyNotDocumented: [
      'nestjs-oidc-multi-auth.OidcMultiAuthOptions.authenticatingGuards.__type',
      'nestjs-oidc-multi-auth.DescribeAccessOptions.authenticatingGuards.__type',
      'testing.TestModuleBuilder.overrideProvider.__type.useFactory',
      'testing.TestUserOf.__type.of',
    ],
    requiredToBeDocumented: [
      'Class',
      'Interface',
      'TypeAlias',
      'Function',
      'Variable',
      'Method',
      'Accessor',
      'Constructor',
    ],
    excludeInternal: true,
    excludePrivate: true,
    excludeExternals: true,
    // Pages are read wherever they are: no links into a repository, no dates, no paths of the machine.
    disableSources: true,
    disableGit: true,
    hideGenerator: true,
    hidePageHeader: true,
    hideBreadcrumbs: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    classPropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
    propertyMembersFormat: 'table',
    tableColumnSettings: {
      hideDefaults: true,
      hideInherited: true,
      hideModifiers: true,
      hideOverrides: true,
      hideSources: true,
    },
    pageTitleTemplates: {
      module: ({ rawName }) => Object.keys(ENTRY_POINTS).find((entryPoint) => pageOf(entryPoint) === rawName),
    },
  },
  [new TSConfigReader()],
);
application.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
  for (const module of project.children ?? []) {
    module.name = module.name === 'index' ? 'nestjs-oidc-multi-auth' : module.name;
  }
  // Nest calls them; they say nothing.
  for (const constructor of project.getReflectionsByKind(ReflectionKind.Constructor)) {
    if (constructor.signatures?.every(({ parameters = [] }) => parameters.length === 0)) {
      project.removeReflection(constructor);
    }
  }
});
const project = await application.convert();
if (project === undefined) {
  throw new Error('the code could not be read');
}
application.validate(project);
application.outputs.setDefaultOutputName('markdown');
application.options.setValue('out', folder);
await application.generateOutputs(project);
if (application.logger.hasErrors() || application.logger.hasWarnings()) {
  throw new Error('the comments of the code are unclear: see above');
}
const links = Object.keys(ENTRY_POINTS).map((entryPoint) => `- [\`${entryPoint}\`](${pageOf(entryPoint)}.md)`);
writeFileSync(
  join(folder, 'README.md'),
  ['# Reference', '', 'What the package exports, by entry point:', '', ...links, ''].join('\n'),
);
