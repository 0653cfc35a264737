import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '../..');
const PAGES = [
  'README.md',
  'SECURITY.md',
  'sample-app/README.md',
  ...readdirSync(join(ROOT, 'docs')).map((page) => `docs/${page}`),
];

/** The TypeScript of a page, each block a file of its own. */
function blocksOf(page: string): [name: string, code: string][] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ''], index) => [
    join(ROOT, 'test/docs', `${page.replaceAll('/', '-')}-${index + 1}.ts`),
    code,
  ]);
}

describe('the documentation', () => {
  const files = new Map([
    ...PAGES.flatMap(blocksOf),
    // What readers have, and pages do not repeat.
    [join(ROOT, 'test/docs/app.module.ts'), 'export class AppModule {}'],
  ]);

  it('has TypeScript that compiles, every block', () => {
    const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path));
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
    const host = ts.createCompilerHost({ ...options, noEmit: true });
    const readFile = host.readFile.bind(host);
    const fileExists = host.fileExists.bind(host);
    host.readFile = (name) => files.get(name) ?? readFile(name);
    host.fileExists = (name) => files.has(name) || fileExists(name);
    const program = ts.createProgram([...files.keys()], { ...options, noEmit: true }, host);
    const faults = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
      return `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
    expect(faults).toEqual([]);
    expect(files.size).toBeGreaterThan(10);
  }, 60_000);

  it('links to files that exist', () => {
    const broken = PAGES.flatMap((page) => {
      const text = readFileSync(join(ROOT, page), 'utf8');
      return [...text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)]
        .map(([, target = '']) => join(ROOT, page, '..', target))
        .filter((target) => !ts.sys.fileExists(target));
    });
    expect(broken).toEqual([]);
  });
});
