import { expect } from 'chai';
import * as fc from 'fast-check';
import { virtioConsole } from '../../drivers/virtio_console';
import { ConsoleDevice, DeviceModel, type DeviceRequest } from '../../lib/hypervisor';
import { utf8Encode } from '../../lib/utf8';
import { CONSOLE, DEVICE_ID, encodeConsoleMessage, featureBit } from '../../lib/virtio';
import { code, expectClean, SOON } from '../support/driver';
import { machineWithConsole, PORTS } from '../support/console';
import { VirtioMachine, type FakeTransport } from '../support/virtio';

describe('virtio_console', () => {
  describe('with a device that misbehaves', () => {
    it('by a used entry that is none: who waits is told', async () => {
      const { machine, open, soon, transport, remove } = await machineWithConsole();
      const file = await open('vport0p1');
      const read = machine.world.spawn(() => code(() => file.read()));
      await soon();
      const vq = transport.queues[4];
      const used = machine.guest.memory.getU16((vq?.device ?? 0) + 2);
      machine.guest.memory.setU32((vq?.device ?? 0) + 4 + 8 * used, 999);
      machine.guest.memory.setU16((vq?.device ?? 0) + 2, used + 1);
      machine.guest.interrupt(transport.vector + 5);
      expect(await read).to.equal('EIO');
      await remove();
      expectClean(machine);
    });

    it('by saying that it needs a reset: who waits is told', async () => {
      const { machine, open, soon, transport, remove } = await machineWithConsole();
      const [file, terminal] = [await open('vport0p1'), await open('hvc0')];
      const read = machine.world.spawn(() => code(() => file.read()));
      const typed = machine.world.spawn(() => terminal.read());
      await soon();
      transport.backend.needsReset();
      expect(await read).to.equal('EIO');
      expect((await typed).length).to.equal(0);
      expect(await code(() => file.write(utf8Encode('x')))).to.equal('EIO');
      await remove();
      expectClean(machine);
    });

    for (const ports of [0, 0x8001]) {
      it(`by having ${String(ports)} ports is not taken`, async () => {
        const machine = new VirtioMachine();
        await machine.kernel.registerDriver(virtioConsole);
        const { dev } = await machine.plug(new OddConsole(ports));
        expect(dev.driver).to.equal(null);
        expect(machine.kernel.log.entries[0]?.text).to.equal(
          `virtio_console virtio0: Invalidate max_nr_ports ${String(ports)}`,
        );
        expectClean(machine);
      });
    }

    it('by naming a port beyond its own limit: a warning and nothing more', async () => {
      const machine = new VirtioMachine();
      await machine.kernel.registerDriver(virtioConsole);
      const odd = new OddConsole(2, [
        encodeConsoleMessage(2, CONSOLE.DEVICE_ADD, 1),
        encodeConsoleMessage(1, CONSOLE.DEVICE_ADD, 1),
      ]);
      await machine.plug(odd);
      await machine.world.advance(SOON);
      const warning = 'virtio_console virtio0: Request for adding port with out-of-bound id 2, max. supported id: 1';
      expect(machine.kernel.log.entries.map((entry) => entry.text)).to.include(warning);
      expect(machine.list('/sys/class/virtio-ports')).to.deep.equal(['vport0p1']);
    });

    it('by any control messages whatever: the guest lives, and can let go of it', async () => {
      const event = fc.oneof(fc.nat(8), fc.nat(0xffff));
      const message = fc.oneof(
        fc.uint8Array({ maxLength: 40 }),
        fc
          .tuple(fc.nat(3), event, fc.nat(2), fc.uint8Array({ maxLength: 20 }))
          .map(([id, e, value, rest]) => encodeConsoleMessage(id, e, value, rest)),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(message, { maxLength: 30 }), async (messages) => {
          const machine = new VirtioMachine();
          await machine.kernel.registerDriver(virtioConsole);
          const { remove } = await machine.plug(new OddConsole(3, messages));
          await machine.world.advance(SOON);
          await remove();
          expectClean(machine);
        }),
        { numRuns: 60 },
      );
    });
  });

  describe('whose probe fails', () => {
    const failures: [string, (transport: FakeTransport) => unknown][] = [
      ['for want of a queue', (transport) => transport.refuse.set('findVqs', 'ENOENT')],
      ['at the configuration', (transport) => transport.refuse.set('getConfig', 'EIO')],
    ];
    for (const [title, prepare] of failures) {
      it(`${title} leaves nothing, and works the next time`, async () => {
        const machine = new VirtioMachine();
        await machine.kernel.registerDriver(virtioConsole);
        const { dev, transport } = await machine.plug(new ConsoleDevice({ name: 'console0', ports: PORTS }), prepare);
        expect(dev.driver).to.equal(null);
        expectClean(machine);
        transport.refuse.clear();
        await dev.attach();
        await machine.world.advance(SOON);
        expect(await machine.read('/sys/class/virtio-ports/vport0p1/dev')).to.equal('254:1\n');
      });
    }

    it('for want of memory for its messages leaves nothing', async () => {
      const machine = new VirtioMachine({ memory: 96 << 10 });
      await machine.kernel.registerDriver(virtioConsole);
      const { dev } = await machine.plug(new ConsoleDevice({ name: 'console0', ports: PORTS }));
      expect(dev.driver).to.equal(null);
      expect(machine.kernel.log.entries[0]?.text).to.equal(
        'virtio_console virtio0: Error allocating buffers for control queue',
      );
      expectClean(machine);
    });

    it('for want of memory for a port: that port is not there', async () => {
      const machine = new VirtioMachine({ memory: 172 << 10 });
      await machine.kernel.registerDriver(virtioConsole);
      const { dev, remove } = await machine.plug(new ConsoleDevice({ name: 'console0', ports: PORTS }));
      await machine.world.advance(SOON);
      expect(dev.driver).to.not.equal(null);
      expect(machine.list('/sys/class/virtio-ports')).to.deep.equal([]);
      expect(machine.kernel.log.entries.map((entry) => entry.text)).to.include(
        'virtio_console virtio0: Error -12 creating device for port 0',
      );
      await remove();
      expectClean(machine);
    });
  });
});

/** A device that says what a test wants it to say. */
class OddConsole extends DeviceModel {
  readonly deviceId = DEVICE_ID.CONSOLE;
  readonly name = 'odd0';
  readonly #buffers: DeviceRequest[] = [];
  readonly #unsaid: Uint8Array[];

  constructor(
    readonly maxPorts: number,
    messages: readonly Uint8Array[] = [],
  ) {
    super();
    this.#unsaid = [...messages];
  }

  override features(): bigint {
    return featureBit(CONSOLE.F_MULTIPORT) | featureBit(CONSOLE.F_SIZE);
  }

  override queueSizes(): readonly number[] {
    return Array.from({ length: 8 }, () => 32);
  }

  override config(): Uint8Array {
    const bytes = new Uint8Array(CONSOLE.CONFIG_BYTES);
    new DataView(bytes.buffer).setUint32(CONSOLE.CONFIG_MAX_PORTS, this.maxPorts, true);
    return bytes;
  }

  override reset(): void {
    this.#buffers.length = 0;
  }

  /** All messages when the driver is ready. */
  override handle(queue: number, request: DeviceRequest): void {
    if (queue === CONSOLE.CONTROL_IN) this.#buffers.push(request);
    else if (queue % 2 === 1) request.complete();
    if (queue !== CONSOLE.CONTROL_OUT) return;
    for (const message of this.#unsaid.splice(0)) this.#buffers.shift()?.complete(message);
  }
}
