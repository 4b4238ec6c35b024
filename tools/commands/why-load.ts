import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DeviceDriver, DeviceModel, ModuleDef } from '../../lib';
import { readTextFile } from '../text-file';
import { UsageError } from '../usage-error';

/** What a file of a user exports. */
export interface Loaded {
  /** As it was named. */
  readonly file: string;
  readonly models: readonly DeviceModel[];
  readonly drivers: readonly DeviceDriver<never>[];
  readonly modules: readonly ModuleDef[];
}

/**
 * Runs a file and reads its exports, by name, as default or in an array: drivers, modules, and models of devices.
 *
 * @throws UsageError naming the file, and the line where one is known: it cannot be run, or exports nothing of that
 */
export async function loadFile(file: string): Promise<Loaded> {
  readTextFile(file);
  const load = (): Promise<unknown> => import(pathToFileURL(resolve(file)).href);
  const exported = await inFile(file, 'cannot be loaded', load);
  const values = [...new Set(valuesOf(exported))];
  const loaded = {
    file,
    models: values.filter(isModel),
    drivers: values.filter(isDriver),
    modules: values.filter(isModule),
  };
  if (loaded.models.length + loaded.drivers.length + loaded.modules.length > 0) return loaded;
  throw new UsageError(`${file}: exports no driver and no module`);
}

/**
 * Runs a callback with the exports of a file. An exception is reported as an error of the file.
 *
 * @throws UsageError also when it never ends, which is reported and ends the program
 */
export async function inFile<T>(file: string, what: string, step: () => T | Promise<T>): Promise<T> {
  const stuck = (): void => {
    process.stderr.write(`ldm: ${file}: ${what}: it waits for something that never comes\n`);
    process.exitCode = 2;
  };
  process.once('beforeExit', stuck);
  try {
    return await step();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file}${lineOf(error, file)}: ${what}: ${String(error).split('\n', 1).join()}`);
  } finally {
    process.off('beforeExit', stuck);
  }
}

/** ":12", where the error says in which line of the file it was thrown. */
function lineOf(error: unknown, file: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const path = resolve(file);
  const at = [pathToFileURL(path).href, path].map((name) => stack.indexOf(`${name}:`)).find((found) => found >= 0);
  return at === undefined ? '' : (/:\d+/.exec(stack.slice(at + path.length))?.[0] ?? '');
}

/** Everything that is exported; a CommonJS module is the default export of itself. */
function valuesOf(exported: unknown, depth = 2): object[] {
  if (typeof exported !== 'object' || exported === null) return [];
  if (isDriver(exported) || isModule(exported) || isModel(exported)) return [exported];
  return depth < 0 ? [] : Object.values(exported).flatMap((value) => valuesOf(value, depth - 1));
}

type Unknown = Readonly<Record<string, unknown>>;

function isDriver(value: object): value is DeviceDriver<never> {
  const { name, bus } = value as Unknown;
  return typeof name === 'string' && typeof bus === 'object' && bus !== null && 'name' in bus;
}

function isModule(value: object): value is ModuleDef {
  const { name, init, exit, aliases } = value as Unknown;
  const hasPart = typeof init === 'function' || typeof exit === 'function' || Array.isArray(aliases);
  return typeof name === 'string' && hasPart && !isDriver(value);
}

function isModel(value: object): value is DeviceModel {
  const { name, deviceId, handle, queueSizes } = value as Unknown;
  const hasMethods = typeof handle === 'function' && typeof queueSizes === 'function';
  return typeof name === 'string' && typeof deviceId === 'number' && hasMethods;
}
