import { expect } from 'chai';
import fc from 'fast-check';
import { ChannelTransport } from '../../lib/access/styles/channel/guest';
import { COMMAND, EVENT } from '../../lib/access/styles/channel/layout';
import { Device } from '../../lib/base/device';
import { Kernel } from '../../lib/base/kernel';
import { ENODEV, ErrnoError } from '../../lib/errno';
import { GuestMemory } from '../../lib/hypervisor/index';
import type { CostCounters, Crossing, HypercallResult, Port } from '../../lib/hypervisor/index';
import type { InterruptEntry } from '../../lib/hypervisor/port';
import { VirtioDevice } from '../../lib/virtio/virtio-device';
import { World } from '../../lib/world/index';
import { codeOf } from '../support/errors';

const CALL = { nr: 302, name: 'command' };

/** A host that answers what a test says. */
class FakePort implements Port {
  readonly memory = new GuestMemory(1 << 16, 'fake');
  readonly plugged = true;
  readonly asked: number[] = [];
  entry: InterruptEntry = () => undefined;

  constructor(public answer: (code: number, args: readonly Crossing[]) => HypercallResult) {}

  read(): number {
    return 0;
  }

  write(): void {}

  pages(): GuestMemory {
    return this.memory;
  }

  hypercall(_nr: number, [, code, ...args]: readonly Crossing[]): HypercallResult {
    this.asked.push(Number(code));
    return this.answer(Number(code), args);
  }

  connect(entry: InterruptEntry): void {
    this.entry = entry;
  }

  countCopy(): void {}

  counters(): CostCounters {
    throw new Error('not needed here');
  }
}

const good = (...values: Crossing[]): HypercallResult => ({ status: 0, values });

async function machine(answer: FakePort['answer']) {
  const port = new FakePort(answer);
  const kernel = new Kernel(new World(), { port });
  const dev = new Device(kernel, { name: 'x', release: () => undefined });
  await dev.register();
  const events: string[] = [];
  const transport = new ChannelTransport({ dev, gone: () => events.push('gone') }, CALL);
  const vdev = new VirtioDevice(kernel, 0, { parent: dev, transport, id: { device: 42, vendor: 1 } });
  transport.attach(vdev);
  kernel.trace.subscribe((event) => event.kind === 'config' && event.outcome !== 'none' && events.push('config'));
  transport.connect({ base: 0, size: 0, handle: 7, vector: 5, value: 7 });
  return { port, kernel, dev, events, transport, interrupt: () => port.entry(5, 7n) };
}

describe('ChannelTransport', () => {
  it('needs a hypervisor', () => {
    const dev = new Device(new Kernel(new World()), { name: 'x', release: () => undefined });
    const make = (): unknown => new ChannelTransport({ dev, gone: () => undefined }, CALL);
    expect(make).to.throw("ENODEV: No such device, virtio_transport 'x'");
  });

  it('asks again while there are more completions', async () => {
    const { port, transport, interrupt } = await machine((code) => good(code === COMMAND.QUEUE_INFO ? 8 : 0));
    const got: unknown[] = [];
    const [vq] = transport.findVqs([{ name: 'q', callback: (queue) => got.push(queue.getBuf()?.token) }]);
    for (const token of ['a', 'b']) vq?.add({ in: [1] }, token);
    vq?.kick();
    const answers = [good(2, 0, 1, 0), good(0, 0, 2, 0)];
    port.answer = () => answers.shift() ?? good(0);
    interrupt();
    expect(got).to.deep.equal(['a', 'b']);
    expect(answers.length).to.equal(0);
  });

  for (const [flags, told] of [
    [0, 0],
    [EVENT.CONFIG, 1],
    [EVENT.MORE, 0],
    [EVENT.CONFIG | EVENT.MORE, 1],
    [4, 0],
    [4 | EVENT.CONFIG, 1],
  ] as const) {
    it(`events ${String(flags)}: the configuration has ${told === 0 ? 'not ' : ''}changed`, async () => {
      const { transport, events, interrupt } = await machine((code) =>
        code === COMMAND.COMPLETIONS ? good(flags) : good(code === COMMAND.QUEUE_INFO ? 8 : 0),
      );
      transport.findVqs([{ name: 'q' }]);
      interrupt();
      expect(events).to.have.length(told);
    });
  }

  it(
    'a device that has never answered is refused; one that has answered is taken for ' + 'reset when it is gone',
    async () => {
      const state = { status: -ENODEV };
      const { transport } = await machine(() => ({ status: state.status, values: [0] }));
      expect(await codeOf(() => transport.getStatus())).to.equal('ENODEV');
      expect(await codeOf(() => transport.reset())).to.equal('ENODEV');
      state.status = 0;
      expect(transport.getStatus()).to.equal(0);
      state.status = -ENODEV;
      expect(await codeOf(() => transport.getStatus())).to.equal('');
      expect(await codeOf(() => transport.reset())).to.equal('');
      expect(await codeOf(() => transport.generation()), 'reading').to.equal('ENODEV');
    },
  );

  it('does not believe a host that always has more, and nothing good', async () => {
    const { port, transport, interrupt } = await machine((code) => good(code === COMMAND.QUEUE_INFO ? 8 : 0));
    const [vq] = transport.findVqs([{ name: 'q' }]);
    port.answer = () => good(2, 0, 99, 0);
    port.asked.length = 0;
    interrupt();
    expect(port.asked.length).to.equal(1);
    expect(vq?.broken).to.equal(true);
  });

  it('tells once that the handle is dead; then every queue is broken, and status is 0', async () => {
    const { port, transport, events, interrupt } = await machine((code) => good(code === COMMAND.QUEUE_INFO ? 8 : 0));
    const vqs = transport.findVqs([{ name: 'a' }, { name: 'b' }]);
    port.answer = () => ({ status: -19, values: [] });
    interrupt();
    interrupt();
    expect(events).to.deep.equal(['gone']);
    expect(vqs.map((vq) => vq.broken)).to.deep.equal([true, true]);
    transport.setStatus(3);
    transport.reset();
    expect(transport.getStatus()).to.equal(0);
    for (const read of [() => transport.getConfig(0, 1), () => transport.getFeatures(), () => transport.generation()]) {
      expect(await codeOf(read)).to.equal('ENODEV');
    }
  });

  it('refuses queues twice, queues of no size, and features without VERSION_1', async () => {
    const { port, kernel, transport } = await machine(() => good(8));
    transport.findVqs([{ name: 'q' }]);
    expect(await codeOf(() => transport.findVqs([{ name: 'q' }]))).to.equal('EBUSY');
    transport.delVqs();
    port.answer = () => good(0);
    expect(await codeOf(() => transport.findVqs([{ name: 'q' }]))).to.equal('ENOENT');
    expect(transport.finalizeFeatures(1n)).to.equal(-22);
    expect(kernel.log.entries.length).to.equal(1);
    expect(transport.transportFeatures((1n << 41n) - 1n)).to.equal((1n << 32n) | ((1n << 28n) - 1n));
  });

  it('refuses more configuration than a page before the host is asked, and asks nothing for none', async () => {
    const { port, transport } = await machine(() => good(0));
    expect(await codeOf(() => transport.getConfig(0, 4097))).to.equal('EINVAL');
    expect(await codeOf(() => transport.setConfig(0, new Uint8Array(4097)))).to.equal('EINVAL');
    transport.setConfig(0, new Uint8Array(0));
    expect(transport.getConfig(0, 0).length).to.equal(0);
    expect(port.asked.length).to.equal(0);
  });

  it('whatever the host answers: nothing but refusals is thrown, and nothing leaks', async () => {
    const value: fc.Arbitrary<Crossing> = fc.oneof(
      fc.integer({ min: -2, max: 9 }),
      fc.double(),
      fc.bigInt(),
      fc.uint8Array({ maxLength: 3 }),
    );
    const answer = fc.record({
      status: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: -40, max: 3 })),
      values: fc.array(value, { maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(answer, { maxLength: 40 }), async (answers) => {
        let next = 0;
        const { kernel, transport, interrupt } = await machine(() => answers[next++] ?? good(0));
        const refused = (operation: () => unknown): void => {
          try {
            operation();
          } catch (error) {
            expect(error).to.be.instanceOf(ErrnoError);
          }
        };
        // A device that is gone is not asked any more.
        for (let round = 0; next < answers.length && round < answers.length; round += 1) {
          refused(() => transport.getStatus());
          refused(() => transport.getFeatures());
          refused(() => transport.getConfig(0, 4));
          refused(() => transport.setConfig(0, new Uint8Array(4)));
          refused(() =>
            transport.findVqs([{ name: 'a', callback: (vq) => vq.getBuf() }, { name: 'b' }]).forEach((vq) => {
              vq.add({ out: [new Uint8Array(3)], in: [2] }, vq);
              vq.kick();
            }),
          );
          interrupt();
          interrupt();
          refused(() => transport.reset());
          transport.delVqs();
        }
        transport.dispose();
        expect(kernel.dma?.inUse).to.equal(0);
      }),
    );
  });
});
