/**
 * The layers of lib/: what each folder may import. docs/architecture.md explains them. `npm run check:layers` enforces
 * them for values and types alike.
 */

/** From the bottom up. A layer may import itself and the layers before it, and none after it. */
const LAYERS = [
  'core',
  'configuration',
  'issuer',
  'decision',
  'observation',
  'passport',
  'nest/access',
  'nest/transport',
  'nest/runtime',
  'nest/directory',
  'nest/guards',
  'nest/access-table',
  'nest/connections',
  'explanation',
  'nest/module',
];

/** Entry points and tools. They import layers, and no layer imports them. */
const TOOLS = ['doctor', 'mcp', 'openapi', 'redis', 'testing', 'schematics', 'cli'];

/** The tools that a tool may import. */
const TOOLS_OF = { cli: ['doctor'] };

/** The built-in modules that `core/` may import: none of them does I/O. */
const PURE_MODULES = ['crypto', 'buffer', 'util'];

const inFolders = (folders) => `^lib/(?:${folders.join('|')})/`;

const upward = LAYERS.map((layer, index) => ({
  name: `layers/${layer}`,
  comment: `lib/${layer}/ imports only ${['itself', ...LAYERS.slice(0, index)].join(', ')}`,
  severity: 'error',
  from: { path: inFolders([layer]) },
  to: { path: '^lib/', pathNot: inFolders(LAYERS.slice(0, index + 1)) },
}));

const tools = TOOLS.map((tool) => ({
  name: `tools/${tool}`,
  comment: `lib/${tool}/ imports the layers, and no other tool${TOOLS_OF[tool] ? ` but ${TOOLS_OF[tool].join(', ')}` : ''}`,
  severity: 'error',
  from: { path: inFolders([tool]) },
  to: { path: '^lib/', pathNot: inFolders([...LAYERS, tool, ...(TOOLS_OF[tool] ?? [])]) },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...upward,
    ...tools,
    {
      name: 'core-is-pure',
      comment: `lib/core/ imports itself and ${PURE_MODULES.join(', ')} of Node.js: no I/O, no Nest, no Passport`,
      severity: 'error',
      from: { path: '^lib/core/' },
      to: { pathNot: ['^lib/core/', `^(?:node:)?(?:${PURE_MODULES.join('|')})$`] },
    },
    {
      name: 'no-cycle',
      comment: 'no file imports itself by way of others, not even for a type',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'known-folders',
      comment: 'each file of lib/ but index.ts is in a layer or a tool',
      severity: 'error',
      from: { path: '^lib/', pathNot: ['^lib/index\\.ts$', inFolders([...LAYERS, ...TOOLS])] },
      to: {},
    },
    {
      name: 'resolvable',
      comment: 'each import leads somewhere',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsConfig: { fileName: 'tsconfig.build.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    moduleSystems: ['cjs', 'es6', 'tsd'],
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['require', 'node', 'types', 'default'] },
  },
};
