import { SchematicTestRunner, UnitTestTree } from '@angular-devkit/schematics/testing';
import { Tree } from '@angular-devkit/schematics';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import ts from 'typescript';

// The spinner of tasks that are not run here; it and what it needs are ES modules.
jest.mock('ora', () => ({}));

const ROOT = join(__dirname, '../..');
/** The collection that package.json names, as it is built. */
const COLLECTION = join(ROOT, JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).schematics);
const ANSWERS = { issuer: 'https://sso.example/auth/realms/standard', audience: 'mds-bcmi-4587', name: 'bcmi' };

/** The module of an application as the Nest CLI makes it. */
const MODULE = `import { Module } from '@nestjs/common';
import { AppController } from './app.controller.js';
import { AppService } from './app.service.js';

@Module({
  imports: [],
  controllers: [AppController],
  providers: [AppService],
})
export class AppModule {}
`;

const MANIFEST = {
  name: 'app',
  dependencies: { '@nestjs/common': '^12.0.1', '@nestjs/core': '^12.0.1', rxjs: '^7.8.1' },
};

function application(files: Readonly<Record<string, string>> = {}): UnitTestTree {
  const tree = new UnitTestTree(Tree.empty());
  const all = { 'package.json': `${JSON.stringify(MANIFEST, undefined, 2)}\n`, 'src/app.module.ts': MODULE, ...files };
  for (const [path, text] of Object.entries(all)) {
    tree.create(path, text);
  }
  return tree;
}

/** Runs the schematic as the Nest CLI does. */
async function nestAdd(tree: UnitTestTree, options: object = ANSWERS) {
  const runner = new SchematicTestRunner('nestjs-oidc-multi-auth', COLLECTION);
  const said: string[] = [];
  runner.logger.subscribe(({ level, message }) => said.push(`${level}: ${message}`));
  const result = await runner.runSchematic('nest-add', options, tree);
  return { result, said, tasks: runner.tasks };
}

const moduleOf = async (text: string, options?: object): Promise<string> =>
  (await nestAdd(application({ 'src/app.module.ts': text }), options)).result.readText('src/app.module.ts');

const syntaxFaults = (text: string): unknown[] =>
  ts.transpileModule(text, { reportDiagnostics: true, compilerOptions: { experimentalDecorators: true } })
    .diagnostics ?? [];

beforeAll(() => {
  if (!existsSync(COLLECTION)) {
    throw new Error('the library is not built: run "npm run build" first, or "npm test", which does');
  }
});

describe('nest add nestjs-oidc-multi-auth', () => {
  it('imports the module with one client and global guards, and says what that means', async () => {
    const { result, said } = await nestAdd(application());
    expect(result.readText('src/app.module.ts')).toBe(`import { Module } from '@nestjs/common';
import { AppController } from './app.controller.js';
import { AppService } from './app.service.js';
import { OidcMultiAuthModule } from 'nestjs-oidc-multi-auth';

@Module({
  imports: [
    OidcMultiAuthModule.forRoot({
      clients: [
        {
          name: 'bcmi',
          audience: 'mds-bcmi-4587',
          issuer: 'https://sso.example/auth/realms/standard',
        },
      ],
      globalGuards: true,
    }),
  ],
  controllers: [AppController],
  providers: [AppService],
})
export class AppModule {}
`);
    expect(said).toEqual([expect.stringMatching(/^info: Every route needs a token of client "bcmi".*@Public\(\)/)]);
  });

  it('adds the peers of the same Nest, once, and has them installed', async () => {
    const { result, tasks } = await nestAdd(application());
    expect(JSON.parse(result.readText('package.json'))).toEqual({
      name: 'app',
      dependencies: { ...MANIFEST.dependencies, '@nestjs/passport': '^12.0.0', passport: '^0.7.0' },
    });
    expect(Object.keys(JSON.parse(result.readText('package.json')).dependencies)[2]).toBe('@nestjs/passport');
    expect(tasks).toEqual([{ name: 'node-package', options: expect.objectContaining({ command: 'install' }) }]);
  });

  it.each(['10', '11', '12'])('adds the peers of Nest %s', async (nest) => {
    const manifest = { dependencies: { '@nestjs/common': `~${nest}.1.2` } };
    const { result } = await nestAdd(application({ 'package.json': JSON.stringify(manifest, undefined, '\t') }));
    const text = result.readText('package.json');
    expect(JSON.parse(text).dependencies['@nestjs/passport']).toBe(`^${nest}.0.0`);
    expect(text).toMatch(/^\{\n\t"dependencies": \{\n\t\t"@nestjs\/common"/);
  });

  it('leaves peers that are there as they are, and installs nothing then, or where it is told so', async () => {
    const dependencies = { ...MANIFEST.dependencies, '@nestjs/passport': '11.0.5', passport: '^0.7.0' };
    const text = JSON.stringify({ dependencies });
    const { result, tasks } = await nestAdd(application({ 'package.json': text }));
    expect(result.readText('package.json')).toBe(text);
    expect(tasks).toEqual([]);
    expect((await nestAdd(application(), { ...ANSWERS, skipInstall: true })).tasks).toEqual([]);
  });

  it('takes the URL of a discovery document for an issuer', async () => {
    const issuer = `${ANSWERS.issuer}/.well-known/openid-configuration`;
    const indentation = `\n${' '.repeat(10)}`;
    const text = await moduleOf(MODULE, { ...ANSWERS, issuer, preset: 'gold-sso' });
    expect(text).toContain(`${indentation}discoveryUrl: '${issuer}',${indentation}preset: 'gold-sso',\n`);
  });

  it('calls the client "web" where no name is given', async () => {
    const { name: _name, ...options } = ANSWERS;
    expect(await moduleOf(MODULE, options)).toContain("name: 'web'");
  });

  it('run again, says that it is set up already, how to add a client, and changes nothing', async () => {
    const once = (await nestAdd(application())).result;
    const files = once.files.map((path) => [path, once.readText(path)]);
    const { result, said, tasks } = await nestAdd(once, { ...ANSWERS, name: 'other', audience: 'other-1' });
    expect(result.files.map((path) => [path, result.readText(path)])).toEqual(files);
    expect(said).toEqual([
      expect.stringContaining('warn: OidcMultiAuthModule is set up already, in /src/app.module.ts'),
    ]);
    expect(said[0]).toContain(
      "{ name: 'other', audience: 'other-1', issuer: 'https://sso.example/auth/realms/standard' }",
    );
    expect(tasks).toEqual([]);
  });

  it('finds what sets it up in another file, and is not misled by a comment or a test', async () => {
    const auth = 'export const auth = OidcMultiAuthModule.forRootAsync({ useFactory });\n';
    const other = await nestAdd(application({ 'src/auth/auth.module.ts': auth }));
    expect(other.said).toEqual([expect.stringContaining('in /src/auth/auth.module.ts')]);
    expect(other.result.readText('src/app.module.ts')).toBe(MODULE);
    const comment = await nestAdd(application({ 'src/notes.ts': '// OidcMultiAuthModule.forRoot is to come\n' }));
    expect(comment.result.readText('src/app.module.ts')).toContain('OidcMultiAuthModule.forRoot');
    const test = await nestAdd(application({ 'src/app.spec.ts': auth, 'src/app.e2e-spec.ts': auth }));
    expect(test.result.readText('src/app.module.ts')).toContain('OidcMultiAuthModule.forRoot');
  });
});

describe('the module that is edited', () => {
  const NAMES = ['bcmi', "o'brien", 'a"b', 'a`${b}\\'];

  it.each<[string, string]>([
    [
      'no imports yet',
      "import { Module } from '@nestjs/common';\n@Module({ controllers: [] })\nexport class AppModule {}",
    ],
    ['nothing yet', "import { Module } from '@nestjs/common';\n@Module({})\nexport class AppModule {}"],
    ['imports in a line', MODULE.replace('imports: []', 'imports: [A, B.forRoot({ a: [1] })]')],
    ['imports in lines', MODULE.replace('imports: []', 'imports: [\n    A,\n    ...others,\n  ]')],
    ['imports without final comma', MODULE.replace('imports: []', 'imports: [\n    A,\n    B // last\n  ]')],
    ['another class before', MODULE.replace('@Module', '@Injectable()\nclass A {}\n\n@Module')],
    ['a quoted name', MODULE.replace('imports: []', '"imports": []')],
    ['Windows line ends and tabs', MODULE.replaceAll('  ', '\t').replaceAll('\n', '\r\n')],
    ['comments that look like code', `// @Module({ imports: [] })\n${MODULE}`],
  ])('has %s', async (_what, text) => {
    for (const name of NAMES) {
      const edited = await moduleOf(text, { ...ANSWERS, name });
      expect(syntaxFaults(edited)).toEqual([]);
      expect(namesOfClients(edited)).toEqual([name]);
      expect(edited.replaceAll('\r\n', '\n').includes('\r')).toBe(false);
      expect(/[^\r]\n/.test(edited)).toBe(!text.includes('\r\n'));
      // What was there is there still, in the same order.
      expect(isSubsequence(text, edited)).toBe(true);
    }
  });

  it('keeps double quotes', async () => {
    expect(await moduleOf(MODULE.replaceAll("'", '"'))).toContain('from "nestjs-oidc-multi-auth";\n');
  });

  it.each<[string, string]>([
    ['imports that are not written out', MODULE.replace('imports: []', 'imports: allOfThem()')],
    ['metadata from elsewhere', MODULE.replace('imports: []', '...metadata')],
    ['metadata that is no object', MODULE.replace(/@Module\([^)]*\)/, '@Module(metadata)')],
    ['no module', 'export class AppModule {}\n'],
  ])('is left alone with %s, and what to write is said', async (_what, text) => {
    const tree = application({ 'src/app.module.ts': text });
    await expect(nestAdd(tree)).rejects.toThrow(
      /^\/src\/app\.module\.ts has no @Module.*by hand:\nimport \{ OidcMultiAuthModule \}[^]*clients: \[\n {4}\{\n {6}name: 'bcmi'/,
    );
    expect(tree.readText('src/app.module.ts')).toBe(text);
  });

  it('is the one that is named, else app.module.ts, else the only one', async () => {
    const tree = () => application({ 'apps/api/src/api.module.ts': MODULE, 'src/b.module.ts': MODULE });
    const changed = async (options: object): Promise<string[]> => {
      const { result } = await nestAdd(tree(), { ...ANSWERS, ...options });
      return result.files.filter((path) => result.readText(path).includes('forRoot'));
    };
    expect(await changed({})).toEqual(['/src/app.module.ts']);
    expect(await changed({ module: 'b.module.ts' })).toEqual(['/src/b.module.ts']);
    expect(await changed({ module: 'src/b.module.ts' })).toEqual(['/src/b.module.ts']);
    expect(await changed({ sourceRoot: 'apps/api/src' })).toEqual(['/apps/api/src/api.module.ts']);
  });

  it('is asked for where it cannot be told', async () => {
    const two = application({ 'lib/a.module.ts': MODULE, 'lib/b.module.ts': MODULE });
    const options = { ...ANSWERS, sourceRoot: 'lib' };
    await expect(nestAdd(two, options)).rejects.toThrow(/more than one module \(a.module.ts, b.module.ts\).*--module/);
    await expect(nestAdd(two, { ...options, sourceRoot: 'none' })).rejects.toThrow(/no module in \/none: .*--module/);
    await expect(nestAdd(two, { ...options, module: 'c.ts' })).rejects.toThrow(/no module \/lib\/c\.ts: give --module/);
  });
});

describe('answers that are refused, before anything is changed', () => {
  it.each<[string, object, RegExp]>([
    [
      'nothing',
      {},
      /2 faults.*[^]*client "web": audience: is missing[^]*issuer: neither issuer nor discoveryUrl is given/,
    ],
    ['an empty audience', { ...ANSWERS, audience: '' }, /client "bcmi": audience: is missing/],
    ['white space', { ...ANSWERS, audience: 'mds ' }, /audience: has white space at an end/],
    ['an issuer that is no URL', { ...ANSWERS, issuer: 'sso.example' }, /issuer: is not a URL/],
    ['an issuer over http', { ...ANSWERS, issuer: 'http://sso.example' }, /issuer: is http to another host/],
    ['a preset nobody knows', { ...ANSWERS, preset: 'gold' }, /preset: "gold" is not the name of a preset/],
    ['an audience that is no text', { ...ANSWERS, audience: 7 }, /audience.*must be string/],
  ])('%s', async (_what, options, message) => {
    const tree = application();
    await expect(nestAdd(tree, options)).rejects.toThrow(message);
    expect(tree.readText('src/app.module.ts')).toBe(MODULE);
  });
});

/** The names of the clients that a module's text gives to `forRoot`. */
function namesOfClients(text: string): string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === 'OidcMultiAuthModule.forRoot') {
      const [options] = node.arguments;
      const value: { clients: { name: string }[] } = runInNewContext(`(${options?.getText()})`);
      names.push(...value.clients.map(({ name }) => name));
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('module.ts', text, ts.ScriptTarget.Latest, true));
  return names;
}

function isSubsequence(part: string, whole: string): boolean {
  let at = 0;
  for (const character of whole) {
    at += character === part[at] ? 1 : 0;
  }
  return at === part.length;
}
