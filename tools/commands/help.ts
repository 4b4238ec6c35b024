import type { Command } from 'commander';
import { unknownName } from '../names';

/** `ldm help`: as `--help`, of a command that is named. */
export function addHelp(program: Command): void {
  program
    .command('help')
    .description('print what a command does and which options it has')
    .argument('[command]', 'name of a command')
    .action((name: string | undefined) => {
      const all = program.commands;
      const found = name === undefined ? program : all.find((command) => command.name() === name);
      if (found === undefined)
        throw unknownName(
          'command',
          name ?? '',
          all.map((command) => command.name()),
        );
      found.outputHelp();
    });
}
