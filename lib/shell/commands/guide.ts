import { Device } from '../../base/device';
import { why, type Why } from '../../base/why';
import { traceLine } from '../trace-line';
import { CommandError, type Call, type CommandDef } from '../run/command';

const GROUPS: readonly (readonly [title: string, names: readonly string[]])[] = [
  ['Look', ['ls', 'cat', 'readlink', 'tree', 'find', 'stat', 'hexdump', 'dmesg', 'lsmod', 'why']],
  ['Change', ['echo', 'insmod', 'rmmod', 'modprobe', 'host']],
  ['Watch', ['uevents', 'uevents_by', 'trace']],
];

const BEGIN = [
  'You are root on a guest whose kernel has just booted. What there is to do is in /sys:',
  '  ls /sys/bus                          the buses, e.g. virtio',
  '  ls /sys/bus/virtio/devices           the devices on one',
  '  readlink /sys/bus/virtio/devices/virtio2/driver',
  '  echo virtio2 > /sys/bus/virtio/drivers/virtio_rng/unbind',
  '  uevents                              what the kernel has told since you asked last',
  '  why virtio2 virtio_blk               which rule decides about a device and a driver',
  '',
];

/** `help`, or `help COMMAND`. */
async function help(call: Call): Promise<number> {
  const { commands } = call.shell.world;
  const [name] = call.args;
  if (name !== undefined) {
    const def = commands.get(name);
    if (def === undefined) throw new CommandError(`help: there is no command ${name}`);
    await call.out(`${headOf(def)}\n    ${def.help}\n`);
    return 0;
  }
  const known = GROUPS.flatMap(([, names]) => names);
  const rest = [...commands.keys()].filter((each) => !known.includes(each)).sort();
  const lines = [...BEGIN];
  for (const [title, names] of GROUPS) {
    lines.push(`${title}:`);
    for (const each of names) {
      const def = commands.get(each);
      if (def !== undefined) lines.push(`  ${headOf(def).padEnd(44)} ${def.help}`);
    }
  }
  lines.push('', 'More, as in any shell:', ...wrapped(rest, 76), '', '`help COMMAND` tells more of one.');
  await call.out(`${lines.join('\n')}\n`);
  return 0;
}

function headOf({ name, usage }: CommandDef): string {
  return usage === '' ? name : `${name} ${usage}`;
}

function wrapped(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  let line = ' ';
  for (const word of words) {
    if (line.length + 1 + word.length > width) {
      lines.push(line);
      line = ' ';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

/** @see lib/base/why */
async function whyCommand(call: Call): Promise<number> {
  const [device, driver] = call.args;
  if (device === undefined || driver === undefined) throw new CommandError('why: usage: why DEVICE DRIVER', 2);
  const { kernel } = call.shell.world.machine;
  const devices = [...kernel.devicesKset.list].filter((kobj) => kobj instanceof Device && kobj.name === device);
  const drivers = [...kernel.buses.values()]
    .flatMap((bus) => [...bus.drivers()])
    .filter(({ def }) => def.name === driver);
  const pairs = devices.flatMap((dev) => drivers.map((drv) => [dev as Device, drv] as const));
  const pair = pairs.find(([dev, drv]) => dev.bus === drv.bus) ?? pairs[0];
  if (pair === undefined) {
    throw new CommandError(`why: there is no ${devices.length === 0 ? `device ${device}` : `driver ${driver}`}`, 2);
  }
  const answer = why(...pair);
  await call.out(whyText(answer));
  return answer.outcome === 'refused' ? 1 : 0;
}

function whyText({ device, driver, outcome, decidedBy, rules }: Why): string {
  const verdict = {
    bound: 'bound',
    ready: 'not bound, but no rule refuses: asked again, the driver would probe the device',
    refused: `not bound: ${decidedBy?.fn ?? ''}: ${decidedBy?.text ?? ''}`,
  }[outcome];
  const width = Math.max(...rules.map(({ fn }) => fn.length));
  const lines = rules.flatMap(({ fn, allows, text, details }) => [
    `  ${allows === null ? '   ' : allows ? 'yes' : 'NO '}  ${fn.padEnd(width)}  ${text}`,
    ...details.map((detail) => `${' '.repeat(width + 11)}${detail}`),
  ]);
  return `${[`${device}, ${driver}: ${verdict}`, ...lines].join('\n')}\n`;
}

/** Each step of the core as it happens. */
async function trace({ shell, args }: Call): Promise<number> {
  const { world } = shell;
  const [word = ''] = args;
  if (word !== 'on' && word !== 'off') throw new CommandError('trace: usage: trace on|off', 2);
  world.endTrace?.();
  world.endTrace = null;
  if (word === 'on') {
    world.endTrace = world.machine.kernel.trace.subscribe((event) => world.notice(`${traceLine(event)}\n`));
  }
  return 0;
}

export const guideCommands: readonly CommandDef[] = [
  { name: 'help', usage: '[COMMAND]', help: 'tells what there is', builtin: true, run: help },
  {
    name: 'why',
    usage: 'DEVICE DRIVER',
    help: 'tells which rule decides about the two',
    builtin: true,
    run: whyCommand,
  },
  {
    name: 'trace',
    usage: 'on|off',
    help: 'shows each step of the driver core as it happens',
    builtin: true,
    run: trace,
  },
];
