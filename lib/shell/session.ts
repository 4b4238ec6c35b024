import { allCommands } from './commands';
import { UeventQueue } from './uevent-queue';
import { guestFiles } from './files/guest';
import type { ShellMachine } from './machine';
import type { CommandDef, ShellWorld } from './run/command';
import type { Stream } from './run/io';
import { ShellProcess } from './run/shell';

/** How a session is made. Everything has a default. */
export interface SessionOptions {
  /** Commands besides those that every shell has. */
  readonly commands?: readonly CommandDef[];
  /** How many commands may run; default: ten million. */
  readonly budget?: number;
  /** Called now and then, so that the user can interrupt. */
  readonly breathe?: () => Promise<void>;
}

const BUDGET = 10_000_000;

/** Shells on one machine: they share its files and see its events. */
export class ShellSession {
  readonly world: ShellWorld;
  /** Tells the user something that no command prints: traces, events. Replace it to show that. */
  notice: (text: string) => void = () => undefined;
  readonly #unsubscribe: () => void;

  constructor(
    readonly machine: ShellMachine,
    { commands = [], budget = BUDGET, breathe }: SessionOptions = {},
  ) {
    const uevents = new UeventQueue();
    const tree = guestFiles(machine, () => [...this.world.commands.keys()]);
    this.world = {
      machine,
      tree,
      uevents,
      commands: allCommands(commands),
      budget,
      interrupted: false,
      endTrace: null,
      endFollow: null,
      notice: (text) => this.notice(text),
      ...(breathe === undefined ? {} : { breathe }),
      columns: 80,
      terminal: null,
    };
    this.#unsubscribe = machine.kernel.uevents.subscribe((event) => uevents.add(event));
  }

  /** A shell whose descriptors stand for these streams. */
  newShell(fds: ReadonlyMap<number, Stream>): ShellProcess {
    return new ShellProcess(this.world, fds);
  }

  /** No more events are kept. */
  close(): void {
    this.#unsubscribe();
    this.world.endTrace?.();
    this.world.endFollow?.();
  }
}
