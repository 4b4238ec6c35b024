import type { Command } from 'commander';
import { LeaveShell, TOUR, type TourStep } from '../../lib/shell';
import { InteractiveShell, type Terminal } from '../shell/interactive';
import { bootMachine, machineNamed } from '../shell/load-machine';
import { prose } from './prose';

const MACHINE = 'x86-pci';
const BOLD = '\x1b[1m';
const PLAIN = '\x1b[0m';

/** Adds `ldm tour`. */
export function addTour(program: Command): void {
  program
    .command('tour')
    .description('ten short steps through the driver model, each with a command to type')
    .action(async () => {
      const { stdin, stdout } = process;
      const isTerminal = stdin.isTTY && stdout.isTTY;
      await tour({ input: stdin, output: stdout, isTerminal });
    });
}

/** On a terminal each command waits for Enter; otherwise all are run one after the other. */
async function tour(terminal: Terminal): Promise<void> {
  const machine = await bootMachine(MACHINE, machineNamed(MACHINE));
  const shell = new InteractiveShell(machine, terminal);
  try {
    for (const [index, step] of TOUR.entries()) {
      terminal.output.write(head(step, index, terminal.isTerminal));
      if (terminal.isTerminal) await shell.runSuggested(step.command);
      else {
        terminal.output.write(`$ ${step.command}\n`);
        await shell.runLine(step.command);
      }
      terminal.output.write(`\n${prose(step.reason)}\n`);
    }
    terminal.output.write(
      `\n${prose('That is all. `ldm shell` is the same machine without a guide; `help` tells what there is.')}\n`,
    );
  } catch (error) {
    if (!(error instanceof LeaveShell)) throw error;
  } finally {
    shell.close();
  }
}

function head({ title, intro }: TourStep, index: number, isTerminal: boolean): string {
  const heading = `${String(index + 1)}. ${title}`;
  const before = index === 0 ? '' : '\n';
  const how =
    index === 0 && isTerminal ? `\n${prose('Press Enter to run the command, or change it; `exit` leaves.')}` : '';
  return `${before}${isTerminal ? `${BOLD}${heading}${PLAIN}` : heading}\n${prose(intro)}${how}\n\n`;
}
