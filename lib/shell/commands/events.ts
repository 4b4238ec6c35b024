import type { Uevent } from '../../kobject/uevent';
import type { Call, CommandDef } from '../run/command';

function subsystemOf({ env }: Uevent): string {
  return env.find((text) => text.startsWith('SUBSYSTEM='))?.slice('SUBSYSTEM='.length) ?? '';
}

/** Each KEY=VALUE on a line, the number replaced by one that counts what is shown. */
function eventText({ env }: Uevent, number: number): string {
  const lines = env.map((text) => (text.startsWith('SEQNUM=') ? `SEQNUM=+${String(number)}` : text));
  return `${lines.join('\n')}\n\n`;
}

async function show(call: Call, events: readonly Uevent[], subsystems: readonly string[]): Promise<void> {
  const shown = events.filter((event) => subsystems.length === 0 || subsystems.includes(subsystemOf(event)));
  for (const [index, event] of shown.entries()) await call.out(eventText(event, index + 1));
}

async function uevents(call: Call): Promise<number> {
  const { machine, uevents: queue } = call.shell.world;
  if (call.args[0] === '-f') return follow(call, call.args.slice(1));
  await machine.settle();
  await show(call, queue.take(), call.args);
  return 0;
}

/** Events are shown as they come, until `uevents -f off`. */
function follow({ shell: { world } }: Call, subsystems: readonly string[]): number {
  world.endFollow?.();
  world.endFollow = null;
  if (subsystems[0] === 'off') return 0;
  let number = 0;
  world.endFollow = world.machine.kernel.uevents.subscribe((event) => {
    const isWanted = subsystems.length === 0 || subsystems.includes(subsystemOf(event));
    if (isWanted) world.notice(eventText(event, ++number));
  });
  return 0;
}

async function ueventsBy(call: Call): Promise<number> {
  const { machine, uevents: queue } = call.shell.world;
  await machine.settle();
  const events = queue.take();
  for (const subsystem of call.args) await show(call, events, [subsystem]);
  return 0;
}

async function host(call: Call): Promise<number> {
  const answer = await call.shell.world.machine.monitor(call.args.join(' '));
  if (answer !== '') await call.out(`${answer}\n`);
  return 0;
}

export const eventCommands: readonly CommandDef[] = [
  {
    name: 'uevents',
    usage: '[-f [off]] [SUBSYSTEM...]',
    help: 'prints the events since the last call; -f: as they come',
    builtin: true,
    run: uevents,
  },
  {
    name: 'uevents_by',
    usage: 'SUBSYSTEM...',
    help: 'the same, all events of one subsystem after those of the other',
    builtin: true,
    run: ueventsBy,
  },
  {
    name: 'host',
    usage: 'device_add TYPE,id=ID,... | device_del ID',
    help: "gives a command to the host's monitor: plugs and unplugs devices",
    builtin: true,
    run: host,
  },
];
