import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modulesOf, ShellSession, transcriptOf } from '../../lib/shell';
import { knownMachine, VirtualMachine } from '../../machines';

const SCRIPTS = join(__dirname, 'scripts');

/** What a machine prints for a script. */
async function run(machine: string, script: string): Promise<string> {
  const booted = await VirtualMachine.boot(knownMachine(machine)!, { modules: modulesOf(script) });
  return transcriptOf(new ShellSession(booted), script);
}

describe('transcripts of real machines', () => {
  for (const machine of readdirSync(SCRIPTS)) {
    const dir = join(SCRIPTS, machine);
    for (const file of readdirSync(dir).filter((name) => name.endsWith('.sh'))) {
      it(`${machine}/${file}: the same, byte for byte`, async () => {
        const recorded = readFileSync(join(dir, file.replace(/\.sh$/, '.out')), 'utf8');
        expect(await run(machine, readFileSync(join(dir, file), 'utf8'))).to.equal(recorded);
      });
    }
  }
});
