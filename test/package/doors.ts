import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

interface Door {
  readonly types: string;
  readonly default: string;
}

/** The public doors by name, e.g. `./buses/vpci`, with the source file behind each. */
export function publicDoors(root: string): Map<string, string> {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, string | Door>;
  };
  const doors = new Map<string, string>();
  for (const [name, door] of Object.entries(manifest.exports)) {
    if (typeof door !== 'string') doors.set(name, door.default.replace(/^\.\/dist\/(.*)\.js$/, '$1.ts'));
  }
  return doors;
}

/** The doors as the compiler sees them. @param doors source files, relative to `root` */
export function doorProgram(root: string, doors: readonly string[]): ts.Program {
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
  return ts.createProgram(
    doors.map((door) => join(root, door)),
    config?.options ?? {},
  );
}

/** What a door exports, by the name that users import, and where it is declared. */
export function exportsOf(program: ts.Program, root: string, door: string): { name: string; target: ts.Symbol }[] {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(join(root, door));
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${door} is no module`);
  return checker.getExportsOfModule(module).map((symbol) => ({
    name: symbol.name,
    target: (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol),
  }));
}
