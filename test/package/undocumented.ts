import ts from 'typescript';
import { doorProgram, exportsOf } from './doors';

/**
 * Names that a source file exports without a documentation comment where they are declared.
 *
 * @param doors source files, relative to `root`
 * @returns "buses/ccw/index.ts: CRW (buses/ccw/layout.ts)", sorted
 */
export function undocumentedExports(root: string, doors: readonly string[]): string[] {
  const program = doorProgram(root, doors);
  return doors.flatMap((door) => undocumentedOf(program, root, door)).sort();
}

function undocumentedOf(program: ts.Program, root: string, door: string): string[] {
  return exportsOf(program, root, door).flatMap(({ name, target }) => {
    const declarations = target.getDeclarations() ?? [];
    // Overloads and merged declarations share what one of them says.
    if (declarations.some((node) => ts.getJSDocCommentsAndTags(node).length > 0)) return [];
    const file = declarations[0]?.getSourceFile().fileName.slice(root.length + 1);
    return [`${door}: ${name} (${file ?? 'nowhere'})`];
  });
}
