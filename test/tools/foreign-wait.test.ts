import { expect } from 'chai';
import { Command } from 'commander';
import { vpci } from '../../buses/vpci';
import { Completion, ForeignWait, World } from '../../lib';
import type { BusFixture } from '../../lib/machine';
import { sceneOfBus } from '../../tools/commands/why-scene';
import { runProgram } from '../../tools/run-program';
import { HandTime } from '../support/hand-time';

/** A bus that waits for what no world knows. */
const waiting: BusFixture = {
  ...vpci,
  install: () => ({
    plug: () => ({ unplug: () => undefined }),
    boot: (kernel) => kernel.world.run(() => new Promise<never>(() => undefined), 'pci_subsys_init', kernel),
  }),
};

describe('ldm why: a promise that the world does not know', () => {
  it('is told after two seconds, with the name of the task', async () => {
    const time = new HandTime();
    const thrown = sceneOfBus(waiting, [], time).then(
      () => null,
      (error: unknown) => error,
    );
    await time.pass(2000);
    expect(time.looking).to.equal(1);
    await time.pass(100);
    expect(await thrown)
      .to.be.instanceOf(ForeignWait)
      .and.have.property('message')
      .that.includes("task 'pci_subsys_init' waits");
    expect(time.looking).to.equal(0);
  });

  it('ends the command with a line and exit code 2', async () => {
    const world = new World();
    void world.run(() => new Promise(() => undefined), 'odd');
    const { task } = world.inMotion();
    if (task === null) throw new Error('no task');
    const program = new Command('ldm').action(() => {
      throw new ForeignWait(task, 'probe of virtio0');
    });
    const [before, write, seen] = [process.exitCode, process.stderr.write.bind(process.stderr), [] as string[]];
    process.stderr.write = (text: string | Uint8Array) => seen.push(String(text)) > 0;
    try {
      await runProgram(program, []);
      expect(process.exitCode).to.equal(2);
    } finally {
      process.stderr.write = write;
      process.exitCode = before;
    }
    expect(seen).to.deep.equal([
      "ldm: task 'odd' waits in probe of virtio0 for a promise that the world does not know\n",
    ]);
  });

  it('is nothing that a task of the world waits for, however long', async () => {
    const world = new World();
    const done = new Completion();
    const waits = world.spawn(() => done.wait(world, 'an answer'));
    await Promise.resolve();
    expect(world.inMotion().task).to.equal(null);
    done.complete(world);
    await waits;
  });
});
