import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { exampleFile } from './reference-examples';

const ROOT = join(__dirname, '../..');
const PAGES = [
  'README.md',
  'SECURITY.md',
  'CONTRIBUTING.md',
  'CODE_OF_CONDUCT.md',
  'sample-app/README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((page) => `docs/${page.replaceAll('\\', '/')}`),
];

/** The TypeScript of a page, each block a file of its own. */
function blocksOf(page: string): [name: string, code: string][] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ''], index) => [
    join(ROOT, 'test/docs', `${page.replaceAll('/', '-')}-${index + 1}.ts`),
    page.startsWith('docs/reference/') ? exampleFile(code) : code,
  ]);
}

/** What GitHub makes of a page's headings. */
function anchorsOf(path: string): string[] {
  const seen = new Map<string, number>();
  const text = readFileSync(path, 'utf8');
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => {
    const anchor = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-');
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
  return [...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id)];
}

describe('the documentation', () => {
  const files = new Map([
    ...PAGES.flatMap(blocksOf),
    // What readers have, and pages do not repeat.
    [join(ROOT, 'test/docs/app.module.ts'), 'export class AppModule {}'],
    [join(ROOT, 'test/src/app.module.ts'), 'export class AppModule {}'],
    [join(ROOT, 'test/docs/app.controller.ts'), 'export class AppController {}'],
    [join(ROOT, 'test/docs/app.service.ts'), "export class AppService { getHello() { return ''; } }"],
  ]);

  it('has TypeScript that compiles, every block', () => {
    const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path));
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
    const host = ts.createCompilerHost({ ...options, noEmit: true });
    const readFile = host.readFile.bind(host);
    const fileExists = host.fileExists.bind(host);
    host.readFile = (name) => files.get(name) ?? readFile(name);
    host.fileExists = (name) => files.has(name) || fileExists(name);
    host.directoryExists = (name) => name === join(ROOT, 'test/src') || ts.sys.directoryExists(name);
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

  it('links to headings that exist', () => {
    const broken = PAGES.flatMap((page) => {
      const text = readFileSync(join(ROOT, page), 'utf8');
      return [...text.matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)]
        .map(([, target = '', anchor = '']) => [
          target === '' ? join(ROOT, page) : join(ROOT, page, '..', target),
          anchor,
        ])
        .filter(([target = '', anchor = '']) => ts.sys.fileExists(target) && !anchorsOf(target).includes(anchor))
        .map(([target, anchor]) => `${page}: ${target}#${anchor}`);
    });
    expect(broken).toEqual([]);
  });
});
