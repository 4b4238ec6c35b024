import ts from 'typescript';
import { exportsOf } from './doors';

const FORMAT: ts.TypeFormatFlags =
  ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;

/** The names that a door exports with their signatures, sorted; members are sorted below their type. */
export function apiText(program: ts.Program, root: string, door: string): string {
  const checker = program.getTypeChecker();
  return exportsOf(program, root, door)
    .sort((a, b) => compare(a.name, b.name))
    .map(({ name, target }) => `${declared(checker, name, target)}\n`)
    .join('');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function declared(checker: ts.TypeChecker, name: string, symbol: ts.Symbol): string {
  const [node] = symbol.getDeclarations() ?? [];
  if (node === undefined) throw new Error(`${name} is declared nowhere`);
  if (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) {
    const word = ts.isClassDeclaration(node) ? 'class' : 'interface';
    const statics = ts.isClassDeclaration(node) ? members(checker, symbol.exports, 'static ') : [];
    return [head(word, name, node), ...[...members(checker, symbol.members, ''), ...statics].sort(compare)].join('\n');
  }
  if (ts.isTypeAliasDeclaration(node)) return `type ${name}${parameters(node)} = ${oneLine(node.type)}`;
  const type = checker.getTypeOfSymbolAtLocation(symbol, node);
  if (!ts.isFunctionDeclaration(node)) return `const ${name}: ${checker.typeToString(type, node, FORMAT)}`;
  return type
    .getCallSignatures()
    .map((signature) => `function ${name}${checker.signatureToString(signature, node, FORMAT)}`)
    .join('\n');
}

function head(word: string, name: string, node: ts.ClassDeclaration | ts.InterfaceDeclaration): string {
  const above = (node.heritageClauses ?? []).map((clause) => ` ${oneLine(clause).trim()}`);
  const abstract = ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Abstract ? 'abstract ' : '';
  return `${abstract}${word} ${name}${parameters(node)}${above.join('')}`;
}

/** Type parameters as they are written: `<T extends Device>`. */
function parameters({ typeParameters }: ts.DeclarationWithTypeParameterChildren): string {
  return typeParameters === undefined ? '' : `<${typeParameters.map(oneLine).join(', ')}>`;
}

/** A piece of source without comments, in one line. */
function oneLine(node: ts.Node): string {
  const printer = ts.createPrinter({ removeComments: true });
  return printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile()).replaceAll(/\s+/g, ' ');
}

function members(checker: ts.TypeChecker, table: ts.SymbolTable | undefined, before: string): string[] {
  return [...(table?.values() ?? [])].flatMap((member) => {
    const nodes = (member.getDeclarations() ?? []).filter(isPublic);
    return [...new Set(nodes.flatMap((node) => shown(checker, member, node)))].map((text) => `  ${before}${text}`);
  });
}

function isPublic(node: ts.Declaration): boolean {
  const name = ts.getNameOfDeclaration(node);
  if (name !== undefined && ts.isPrivateIdentifier(name)) return false;
  return (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) === 0 && !ts.isTypeParameterDeclaration(node);
}

function shown(checker: ts.TypeChecker, member: ts.Symbol, node: ts.Declaration): string[] {
  const flags = ts.getCombinedModifierFlags(node);
  const words = [flags & ts.ModifierFlags.Protected && 'protected ', flags & ts.ModifierFlags.Abstract && 'abstract '];
  const before = words.filter(Boolean).join('');
  if (ts.isFunctionLike(node) && !ts.isAccessor(node)) {
    const signature = checker.getSignatureFromDeclaration(node);
    // An overloaded method's own body is not seen from outside.
    const hidden = member.declarations?.some((other) => other !== node && ts.isFunctionLike(other));
    if (signature === undefined || (hidden === true && 'body' in node && node.body !== undefined)) return [];
    const name = ts.isConstructorDeclaration(node)
      ? 'new'
      : ts.isIndexSignatureDeclaration(node)
        ? '[]'
        : checker.symbolToString(member);
    return [`${before}${name}${mark(member)}${checker.signatureToString(signature, node, FORMAT)}`];
  }
  const type = checker.typeToString(checker.getTypeOfSymbolAtLocation(member, node), node, FORMAT);
  const access = ts.isSetAccessor(node)
    ? 'set '
    : flags & ts.ModifierFlags.Readonly || ts.isGetAccessor(node)
      ? 'readonly '
      : '';
  return [`${before}${access}${checker.symbolToString(member)}${mark(member)}: ${type}`];
}

function mark(member: ts.Symbol): string {
  return member.flags & ts.SymbolFlags.Optional ? '?' : '';
}
