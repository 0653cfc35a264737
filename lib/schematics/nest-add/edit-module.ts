import type * as ts from 'typescript';
import type { OidcClientOptions } from '../../configuration/options';
import { fieldsText } from './client-answers';
import type { TypeScript } from './load-typescript';

const PACKAGE = 'nestjs-oidc-multi-auth';
const MODULE = 'OidcMultiAuthModule';

/** Whether a file sets the module up: calls its `forRoot` or `forRootAsync`. */
export function isSetUp(typescript: TypeScript, text: string): boolean {
  if (!text.includes(MODULE)) {
    return false;
  }
  const isCall = (node: ts.Node): boolean =>
    (typescript.isPropertyAccessExpression(node) &&
      typescript.isIdentifier(node.expression) &&
      node.expression.text === MODULE &&
      /^forRoot(?:Async)?$/.test(node.name.text)) ||
    typescript.forEachChild(node, (child) => isCall(child) || undefined) === true;
  return isCall(parse(typescript, text));
}

/**
 * Adds `OidcMultiAuthModule.forRoot` to the imports of a module, and the import statement to its file. Uses the syntax tree
 * and changes nothing else.
 *
 * @throws Error if the imports are not a literal list. The message has the code to add by hand.
 */
export function addToModule(typescript: TypeScript, text: string, path: string, client: OidcClientOptions): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const source = parse(typescript, text);
  const edits = [
    importStatement(typescript, source, newline),
    importOfModule(typescript, source, client, newline) ?? refuse(path, client),
  ];
  return edits
    .sort((one, other) => other.at - one.at)
    .reduce((edited, { at, insert }) => edited.slice(0, at) + insert + edited.slice(at), text);
}

interface Edit {
  readonly at: number;
  readonly insert: string;
}

function parse(typescript: TypeScript, text: string): ts.SourceFile {
  return typescript.createSourceFile('module.ts', text, typescript.ScriptTarget.Latest, true);
}

/** After the other imports, with quotes as theirs. The name of a package is the same for CommonJS and ES modules. */
function importStatement(typescript: TypeScript, source: ts.SourceFile, newline: string): Edit {
  const last = source.statements.filter(typescript.isImportDeclaration).at(-1);
  const quote = last?.moduleSpecifier.getText().startsWith('"') ? '"' : "'";
  const statement = `import { ${MODULE} } from ${quote}${PACKAGE}${quote};`;
  return last === undefined
    ? { at: source.getStart(), insert: statement + newline }
    : { at: last.getEnd(), insert: newline + statement };
}

/** Into the `imports` of the first class that is decorated with `@Module({ ... })`; undefined where that cannot be. */
function importOfModule(
  typescript: TypeScript,
  source: ts.SourceFile,
  client: OidcClientOptions,
  newline: string,
): Edit | undefined {
  const metadata = metadataOfModule(typescript, source);
  if (metadata === undefined) {
    return undefined;
  }
  const outer = indentationAt(source, metadata.getStart());
  const inner = `${outer}  `;
  const imports = metadata.properties.find((property) => property.name?.getText().replace(/['"]/g, '') === 'imports');
  const isPossible = metadata.properties.every((property) => !typescript.isSpreadAssignment(property));
  if (imports === undefined) {
    const insert = `${newline}${inner}imports: [${newline}${inner}  ${call(client, `${inner}  `, newline)},${newline}${inner}],`;
    const isEmpty = metadata.properties.length === 0;
    return isPossible
      ? { at: metadata.getStart() + 1, insert: isEmpty ? insert + newline + outer : insert }
      : undefined;
  }
  if (!typescript.isPropertyAssignment(imports) || !typescript.isArrayLiteralExpression(imports.initializer)) {
    return undefined;
  }
  const last = imports.initializer.elements.at(-1);
  const own = indentationAt(source, imports.getStart());
  if (last === undefined) {
    const insert = `${newline}${own}  ${call(client, `${own}  `, newline)},${newline}${own}`;
    return { at: imports.initializer.getEnd() - 1, insert };
  }
  const before = source.text.slice(0, last.getStart());
  const isOnLineOfItsOwn = before.slice(before.trimEnd().length).includes('\n');
  const indentation = indentationAt(source, last.getStart());
  return {
    at: last.getEnd(),
    insert: `,${isOnLineOfItsOwn ? newline + indentation : ' '}${call(client, indentation, newline)}`,
  };
}

function metadataOfModule(typescript: TypeScript, source: ts.SourceFile): ts.ObjectLiteralExpression | undefined {
  for (const statement of source.statements.filter(typescript.isClassDeclaration)) {
    for (const { expression } of typescript.getDecorators(statement) ?? []) {
      if (typescript.isCallExpression(expression) && expression.expression.getText() === 'Module') {
        const [metadata] = expression.arguments;
        return metadata !== undefined && typescript.isObjectLiteralExpression(metadata) ? metadata : undefined;
      }
    }
  }
  return undefined;
}

/** The white space that the line of a place begins with. */
function indentationAt({ text }: ts.SourceFile, place: number): string {
  const line = text.slice(text.lastIndexOf('\n', place - 1) + 1, place);
  return /^\s*/.exec(line)?.[0] ?? '';
}

function call(client: OidcClientOptions, indentation: string, newline: string): string {
  const fields = fieldsText(client).map((field) => `      ${field},`);
  const lines = ['({', '  clients: [', '    {', ...fields, '    },', '  ],', '  globalGuards: true,', '})'];
  return `${MODULE}.forRoot${lines.join(newline + indentation)}`;
}

function refuse(path: string, client: OidcClientOptions): never {
  throw new Error(
    `${path} has no @Module({ ... }) whose imports are written out as an array. Add to them by hand:\n` +
      `import { ${MODULE} } from '${PACKAGE}';\n${call(client, '', '\n')}`,
  );
}
