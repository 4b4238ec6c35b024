import type { CommandDef } from '../run/command';
import { eventCommands } from './events';
import { guideCommands } from './guide';
import { listCommands } from './list';
import { moduleCommands } from './modules';
import { sedCommand } from './sed';
import { stateCommands } from './state';
import { systemCommands } from './system';
import { textCommands } from './text';
import { wordCommands } from './words';

/** The commands of every shell, by name. */
export function allCommands(more: readonly CommandDef[] = []): ReadonlyMap<string, CommandDef> {
  const defs = [
    ...wordCommands,
    ...stateCommands,
    ...listCommands,
    ...textCommands,
    sedCommand,
    ...moduleCommands,
    ...eventCommands,
    ...systemCommands,
    ...guideCommands,
    ...more,
  ];
  return new Map(defs.map((def) => [def.name, def]));
}
