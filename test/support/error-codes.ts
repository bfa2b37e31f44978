import { globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

/** One code that the source throws on purpose. */
export interface DeclaredCode {
  readonly code: string;
  /** The class that carries it. */
  readonly error: string;
  /** Path of the class below the repository. */
  readonly file: string;
  /** Undefined where the source computes it. */
  readonly disposition: string | undefined;
}

const ROOT = join(import.meta.dirname, '../..');

/** Every code of every class that extends BridgeError, read from the source's syntax trees. */
export function declaredCodes(folders: readonly string[] = ['src', 'devnet']): DeclaredCode[] {
  const sources = folders
    .flatMap((folder) => globSync(join(ROOT, folder, '**/*.ts')))
    .filter((file) => !file.includes('node_modules'))
    .sort()
    .map(parse);
  const declarations = new Declarations(sources);
  const classes = sources.flatMap((source) => nodesOf(source, ts.isClassDeclaration));
  const bases = new Set(['BridgeError']);
  // A class may stand before its base: look until no more are found.
  for (let known = 0; known !== bases.size; ) {
    known = bases.size;
    for (const each of classes) {
      if (bases.has(baseOf(each) ?? '') && each.name) bases.add(each.name.text);
    }
  }
  return [
    ...classes
      .filter((each) => bases.has(baseOf(each) ?? ''))
      .flatMap((each) => codesOf(each, declarations)),
    ...sources.flatMap(writtenCodes),
  ];
}

/** Codes of objects that stand for an error where there is no class: `{ code: 'X', disposition: 'retry', … }`. */
function writtenCodes(source: ts.SourceFile): DeclaredCode[] {
  return nodesOf(source, ts.isObjectLiteralExpression).flatMap((literal) => {
    const [code, disposition] = ['code', 'disposition'].map((name) => {
      const entry = literal.properties.find((property) => property.name?.getText() === name);
      const value = entry && ts.isPropertyAssignment(entry) ? entry.initializer : undefined;
      return value && ts.isStringLiteral(value) ? value.text : undefined;
    });
    if (code === undefined || disposition === undefined) return [];
    return [{ code, error: '(none)', file: relative(ROOT, source.fileName), disposition }];
  });
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
}

function baseOf(declaration: ts.ClassDeclaration): string | undefined {
  const clause = declaration.heritageClauses?.find(
    ({ token }) => token === ts.SyntaxKind.ExtendsKeyword,
  );
  return clause?.types[0]?.expression.getText();
}

function codesOf(error: ts.ClassDeclaration, declarations: Declarations): DeclaredCode[] {
  const property = propertyOf(error, 'code');
  const name = error.name?.text ?? '(unnamed)';
  if (property === undefined) throw new Error(`${name} declares no code`);
  const source = error.getSourceFile();
  const codes = property.initializer
    ? [declarations.textOf(property.initializer, source)]
    : declarations.literalsOf(property.type, source);
  return codes.map((code) => ({
    code,
    error: name,
    file: relative(ROOT, source.fileName),
    disposition: dispositionOf(error, code, declarations),
  }));
}

function dispositionOf(
  error: ts.ClassDeclaration,
  code: string,
  declarations: Declarations,
): string | undefined {
  const property = propertyOf(error, 'disposition');
  const source = error.getSourceFile();
  if (property?.initializer) return declarations.textOf(property.initializer, source);
  const table = nodesOf(source, ts.isVariableDeclaration).find(
    ({ name }) => name.getText() === 'DISPOSITIONS',
  );
  const literal = table && objectLiteralIn(table);
  const entry = literal?.properties.find(({ name }) => name?.getText() === code);
  return entry && ts.isPropertyAssignment(entry)
    ? declarations.textOf(entry.initializer, source)
    : undefined;
}

function propertyOf(error: ts.ClassDeclaration, name: string): ts.PropertyDeclaration | undefined {
  return error.members
    .filter(ts.isPropertyDeclaration)
    .find((member) => member.name.getText() === name);
}

/** What the names in type annotations stand for. */
class Declarations {
  readonly #sources: readonly ts.SourceFile[];

  constructor(sources: readonly ts.SourceFile[]) {
    this.#sources = sources;
  }

  /** The text of a literal. */
  textOf(expression: ts.Expression, source: ts.SourceFile): string {
    const inner = ts.isAsExpression(expression) ? expression.expression : expression;
    if (ts.isStringLiteral(inner)) return inner.text;
    throw new Error(`${source.fileName}: ${expression.getText()} is no literal`);
  }

  /** The strings that a type admits: literals, unions, aliases, `keyof typeof` of a table. */
  literalsOf(type: ts.TypeNode | undefined, source: ts.SourceFile): string[] {
    if (type && ts.isUnionTypeNode(type)) {
      return type.types.flatMap((member) => this.literalsOf(member, source));
    }
    if (type && ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal)) {
      return [type.literal.text];
    }
    if (type && ts.isTypeReferenceNode(type)) return this.#aliasOf(type.typeName.getText(), source);
    if (type && ts.isTypeOperatorNode(type) && ts.isTypeQueryNode(type.type)) {
      return this.#keysOf(type.type.exprName.getText(), source);
    }
    // A class of plain `string` carries the code of another process.
    if (type?.kind === ts.SyntaxKind.StringKeyword) return [];
    throw new Error(`${source.fileName}: ${type?.getText()} is no union of literals`);
  }

  #aliasOf(name: string, source: ts.SourceFile): string[] {
    const alias = this.#find(name, source, ts.isTypeAliasDeclaration);
    return this.literalsOf(alias.type, alias.getSourceFile());
  }

  #keysOf(name: string, source: ts.SourceFile): string[] {
    const literal = objectLiteralIn(this.#find(name, source, ts.isVariableDeclaration));
    return (literal?.properties ?? []).map((property) => property.name?.getText() ?? '');
  }

  #find<N extends ts.NamedDeclaration>(
    name: string,
    source: ts.SourceFile,
    isKind: (node: ts.Node) => node is N,
  ): N {
    const found = [source, ...this.#sources]
      .flatMap((each) => nodesOf(each, isKind))
      .find((each) => each.name?.getText() === name);
    if (found === undefined) throw new Error(`${source.fileName}: no ${name} is declared`);
    return found;
  }
}

function objectLiteralIn(node: ts.Node): ts.ObjectLiteralExpression | undefined {
  return nodesOf(node, ts.isObjectLiteralExpression)[0];
}

function nodesOf<N extends ts.Node>(node: ts.Node, isKind: (each: ts.Node) => each is N): N[] {
  const found: N[] = [];
  const look = (each: ts.Node): void => {
    if (isKind(each)) found.push(each);
    ts.forEachChild(each, look);
  };
  look(node);
  return found;
}
