import { EAGAIN, EBUSY, ENOENT, ErrnoError, strerror } from '../../errno';
import { deleteModule, findModule, initModule, loadedModules, type Module } from '../../module';
import { ModuleIndex, modprobe as loadByName } from '../../userspace';
import { absolute } from '../expand/glob';
import { CommandError, type Call, type CommandDef } from '../run/command';
import { flagsOf } from './inputs';

/** `/a/b/virtio-rng.ko` to `virtio_rng`. @see modutils/modutils.c filename2modname */
function moduleName(path: string): string {
  return path.replace(/.*\//, '').replace(/\.ko$/, '').replaceAll('-', '_');
}

/** What is said of a failure to load. @see modutils/modutils.c moderror */
function loadError(errno: number): string {
  return errno === -ENOENT ? 'unknown symbol in module, or unknown parameter' : strerror(errno);
}

/** @see modutils/insmod.c */
async function insmod(call: Call): Promise<number> {
  const [path] = call.args;
  if (path === undefined) throw new CommandError('usage: insmod FILE');
  const { machine, tree } = call.shell.world;
  const fail = (reason: string, status: number): never => {
    throw new CommandError(`can't insert '${path}': ${reason}`, status);
  };
  try {
    tree.lookup(absolute(call.shell.cwd, path), true);
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
    return fail(strerror(error.errno), error.errno & 0xff);
  }
  const def = machine.modules.get(moduleName(path));
  if (def === undefined) return fail('invalid module format', 8);
  try {
    await initModule(machine.kernel, def);
    return 0;
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
    return fail(loadError(error.errno), -error.errno);
  }
}

/** @see modutils/rmmod.c */
async function rmmod(call: Call): Promise<number> {
  const { rest } = flagsOf(call.args, 'wfa');
  const { kernel } = call.shell.world.machine;
  let status = 0;
  for (const name of rest) {
    try {
      await deleteModule(kernel, moduleName(name));
    } catch (error) {
      if (!(error instanceof ErrnoError)) throw error;
      await call.complain(`can't unload module '${name}': ${strerror(error.errno)}`);
      status = 1;
    }
  }
  return status;
}

/** @see modutils/modprobe.c */
async function modprobe(call: Call): Promise<number> {
  const { letters, rest } = flagsOf(call.args, 'rqva');
  const { machine } = call.shell.world;
  if (rest.length === 0) throw new CommandError('usage: modprobe [-r] NAME...');
  const index = new ModuleIndex(machine.modules.values());
  for (const name of rest) {
    try {
      if (letters.has('r')) await unloadWithUsed(call, moduleName(name));
      else await loadByName(machine.kernel, index, name);
    } catch (error) {
      if (!(error instanceof ErrnoError)) throw error;
      const known = index.lookup(name).length > 0;
      if (!letters.has('q')) await call.complain(whyNotLoaded(name, error, known, letters.has('r')));
      return 1;
    }
  }
  return 0;
}

function whyNotLoaded(name: string, { errno }: ErrnoError, known: boolean, unload: boolean): string {
  if (unload) return `can't unload module ${name}: ${strerror(errno)}`;
  return known ? `can't load module ${name}: ${loadError(errno)}` : `module ${name} not found in modules.dep`;
}

/** A module, then those that only it needed. */
async function unloadWithUsed(call: Call, name: string): Promise<void> {
  const { kernel } = call.shell.world.machine;
  const used = [...(findModule(kernel, name)?.uses ?? [])];
  await deleteModule(kernel, name);
  for (const { def } of used) {
    try {
      await unloadWithUsed(call, def.name);
    } catch (error) {
      if (!(error instanceof ErrnoError) || ![-EAGAIN, -EBUSY].includes(error.errno)) throw error;
    }
  }
}

/** A line of /proc/modules, without the address. */
export function moduleLine({ def, users, refcnt, state }: Module): string {
  const names = users.map((user) => `${user.def.name},`).join('') || '-';
  const word = { live: 'Live', coming: 'Loading', going: 'Unloading', unformed: 'Loading' }[state];
  return `${def.name} 0 ${String(refcnt)} ${names} ${word} 0x0000000000000000`;
}

async function lsmod(call: Call): Promise<number> {
  await call.out('Module                  Size  Used by    Not tainted\n');
  for (const mod of loadedModules(call.shell.world.machine.kernel)) {
    const users = mod.users.map((user) => user.def.name).join(',');
    await call.out(`${mod.def.name.padEnd(20)}       0 ${String(mod.refcnt).padStart(2)} ${users}\n`);
  }
  return 0;
}

async function modinfo(call: Call): Promise<number> {
  let status = 0;
  for (const name of call.args) {
    const def = call.shell.world.machine.modules.get(moduleName(name));
    if (def === undefined) {
      await call.complain(`module '${name}' not found`);
      status = 1;
      continue;
    }
    const aliases = (def.aliases ?? []).map((alias) => `alias:          ${alias}\n`).join('');
    const depends = (def.depends ?? []).join(',');
    await call.out(`filename:       /lib/modules/${def.name}.ko\n${aliases}depends:        ${depends}\n`);
  }
  return status;
}

export const moduleCommands: readonly CommandDef[] = [
  { name: 'insmod', usage: 'FILE', help: 'loads a module from /lib/modules', run: insmod },
  { name: 'rmmod', usage: 'NAME...', help: 'unloads modules; their drivers unbind', run: rmmod },
  {
    name: 'modprobe',
    usage: '[-r] NAME...',
    help: 'loads a module by name or alias, with those that it needs',
    run: modprobe,
  },
  { name: 'lsmod', usage: '', help: 'lists the modules that are loaded', run: lsmod },
  { name: 'modinfo', usage: 'NAME...', help: 'shows aliases and dependencies of a module', run: modinfo },
];
