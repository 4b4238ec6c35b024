import { join } from 'node:path';
import ts from 'typescript';

/**
 * Names that a source file exports without a documentation comment where they are declared.
 *
 * @param doors source files, relative to `root`
 * @returns "buses/ccw/index.ts: CRW (buses/ccw/layout.ts)", sorted
 */
export function undocumentedExports(root: string, doors: readonly string[]): string[] {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(root, 'tsconfig.build.json'),
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
        throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
      },
    },
  );
  const program = ts.createProgram(
    doors.map((door) => join(root, door)),
    config?.options ?? {},
  );
  return doors.flatMap((door) => undocumentedOf(program, root, door)).sort();
}

function undocumentedOf(program: ts.Program, root: string, door: string): string[] {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(join(root, door));
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${door} is no module`);
  return checker.getExportsOfModule(module).flatMap((symbol) => {
    const target = (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
    const declarations = target.getDeclarations() ?? [];
    // Overloads and merged declarations share what one of them says.
    if (declarations.some((node) => ts.getJSDocCommentsAndTags(node).length > 0)) return [];
    const file = declarations[0]?.getSourceFile().fileName.slice(root.length + 1);
    return [`${door}: ${symbol.name} (${file ?? 'nowhere'})`];
  });
}
