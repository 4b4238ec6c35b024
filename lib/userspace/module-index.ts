import { EINVAL, ELOOP, ENOENT, ErrnoError } from '../errno';
import type { ModuleDef } from '../module';
import { fnmatch } from './fnmatch';

/** A line of modules.alias. */
interface AliasLine {
  readonly pattern: string;
  readonly def: ModuleDef;
}

/**
 * The modules of a machine's disk and what depmod has found out about them: which texts each is for, and which others
 * it needs.
 *
 * @see depmod(8), modules.dep(5)
 */
export class ModuleIndex {
  readonly #modules = new Map<string, ModuleDef>();
  readonly #aliases: AliasLine[] = [];

  constructor(defs: Iterable<ModuleDef> = []) {
    for (const def of defs) this.add(def);
  }

  /** Puts a module on the disk. @throws ErrnoError EEXIST when one of that name is there */
  add(def: ModuleDef): void {
    if (this.#modules.has(def.name)) throw new ErrnoError('EEXIST', { syscall: 'depmod', path: def.name });
    this.#modules.set(def.name, def);
    for (const alias of def.aliases ?? []) {
      const pattern = normalize(alias);
      if (pattern !== null) this.#aliases.push({ pattern, def });
    }
  }

  get modules(): readonly ModuleDef[] {
    return [...this.#modules.values()];
  }

  /**
   * The modules for a name or an alias: the one of that name, or all whose patterns match, in the order of adding.
   *
   * @throws ErrnoError EINVAL when brackets in the alias do not match
   * @see libkmod kmod_module_new_from_lookup
   */
  lookup(text: string): readonly ModuleDef[] {
    const wanted = normalize(text);
    if (wanted === null) throw new ErrnoError(EINVAL, { syscall: 'modprobe', path: text });
    const named = this.#modules.get(wanted);
    if (named !== undefined) return [named];
    return [...new Set(this.#aliases.filter(({ pattern }) => fnmatch(pattern, wanted)).map(({ def }) => def))];
  }

  /**
   * The modules that must be loaded for one, itself last.
   *
   * @throws ErrnoError ENOENT when one of them is not on the disk, ELOOP when they need each other
   */
  loadOrder(def: ModuleDef): readonly ModuleDef[] {
    const order = new Set<ModuleDef>();
    this.#visit(def, [], order);
    return [...order];
  }

  /** The text of the file modules.alias. @see modules.alias in depmod(8) */
  aliasText(): string {
    const lines = this.#aliases.map(({ pattern, def }) => `alias ${pattern} ${def.name}`);
    return ['# Aliases extracted from modules themselves.', ...lines, ''].join('\n');
  }

  #visit(def: ModuleDef, above: readonly ModuleDef[], order: Set<ModuleDef>): void {
    if (above.includes(def)) throw new ErrnoError(ELOOP, { syscall: 'modprobe', path: def.name });
    for (const name of def.depends ?? []) {
      const needed = this.#modules.get(name);
      if (needed === undefined) throw new ErrnoError(ENOENT, { syscall: 'modprobe', path: name });
      this.#visit(needed, [...above, def], order);
    }
    order.add(def);
  }
}

/** Dashes become underscores, but not in brackets. Null when brackets do not belong together. @see alias_normalize */
function normalize(text: string): string | null {
  const outside = text.split(/\[[^\]]*\]/);
  if (outside.some((part) => /[[\]]/.test(part))) return null;
  return text.replace(/\[[^\]]*\]|-/g, (part) => (part === '-' ? '_' : part));
}
