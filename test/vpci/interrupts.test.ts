import { expect } from 'chai';
import { VirtioPciFunction } from '../../buses/vpci';
import { COMMAND, COMMON, HOTPLUG, MACHINE, MSIX, PCI } from '../../buses/vpci/layout';
import { EntropyDevice } from '../../lib/hypervisor';
import type { Virtqueue } from '../../lib/virtio';
import { between, eachMoment, type GuestStep } from '../support/between';
import { HeldDevice } from '../support/held-device';
import { PciMachine } from './support';
import { heldDriver } from '../support/held-driver';

const NAME = '0000:00:01.0';
const SOON = 100_000;
const ISR_PAGE = 0x1000;
const PBA = 0x800;
const MSIX_CAP = 0x98;

/** A device with queues, its driver, and what its interrupts told. */
class InterruptMachine {
  readonly rig = new PciMachine();
  readonly told: string[] = [];
  readonly model: HeldDevice;
  readonly fn: VirtioPciFunction;
  vqs: readonly Virtqueue[] = [];
  /** Bytes that the kernel had from its pool before the driver came. */
  before = 0;

  constructor(
    readonly queues: number,
    messages: boolean,
  ) {
    this.model = new HeldDevice(new Array<number>(queues).fill(8));
    this.fn = new VirtioPciFunction(this.model, this.rig.guest, { pin: messages ? 0 : 20, messages });
  }

  async boot(): Promise<this> {
    this.rig.complex.plug(this.fn, { devfn: 8 });
    await this.rig.boot();
    await this.rig.loadTransport();
    this.before = this.rig.kernel.dma?.inUse ?? 0;
    await this.rig.kernel.registerDriver(heldDriver(this.told, this.queues, (vqs) => (this.vqs = vqs)));
    return this;
  }

  /** A buffer goes to the device and comes back at once. */
  use(queue: number): void {
    this.vqs[queue]?.add({ in: [4] }, 'token');
    this.vqs[queue]?.kick();
    this.model.complete();
  }

  async soon(): Promise<string[]> {
    await this.rig.world.advance(SOON);
    return this.told.splice(0);
  }

  /** Address of a base register. */
  bar(index: number): number {
    return Number(this.rig.device(NAME).resource[index]?.start);
  }

  common(at: number, width: 1 | 2 | 4): number {
    return this.rig.guest.port.read(this.bar(4) + at, width);
  }

  setStatus(status: number): void {
    this.rig.guest.port.write(this.bar(4) + COMMON.DEVICE_STATUS, 1, status);
  }

  entry(index: number, field: number): number {
    return this.bar(1) + MSIX.ENTRY_BYTES * index + field;
  }

  mask(index: number, masked: boolean): void {
    this.rig.guest.port.write(this.entry(index, MSIX.ENTRY_CONTROL), 4, masked ? MSIX.ENTRY_MASKED : 0);
  }

  get pending(): number {
    return this.rig.guest.port.read(this.bar(1) + PBA, 4);
  }

  /** Sets or clears bits of a register of the header or a capability. */
  config(at: number, bits: number, on: boolean): void {
    const dev = this.rig.device(NAME);
    const value = dev.readConfig(at, 2);
    dev.writeConfig(at, 2, on ? value | bits : value & ~bits);
  }
}

describe('vpci: messages that are masked (PCI Local Bus 3.0 §6.8.2)', () => {
  for (const queue of [0, 2]) {
    it(`queue ${String(queue)} of 3: a pending bit while its entry is masked, one message when it is not`, async () => {
      const held = await new InterruptMachine(3, true).boot();
      held.mask(queue + 1, true);
      held.use(queue);
      held.use(queue);
      expect(await held.soon()).to.deep.equal([]);
      expect(held.pending).to.equal(2 << queue);
      const before = held.rig.guest.counters.interrupts;
      held.mask(queue + 1, false);
      expect(await held.soon()).to.deep.equal([`q.${String(queue)}`]);
      expect(held.pending).to.equal(0);
      expect(held.rig.guest.counters.interrupts - before).to.equal(1);
      held.mask(queue + 1, true);
      held.mask(queue + 1, false);
      expect(await held.soon()).to.deep.equal([]);
    });
  }

  it('one entry that is masked keeps no other from interrupting', async () => {
    const held = await new InterruptMachine(2, true).boot();
    held.mask(1, true);
    held.use(1);
    held.model.host?.configChanged();
    expect(await held.soon()).to.deep.equal(['q.1', 'config']);
  });

  it('the mask of the function keeps all of them, and they come in the order of the table', async () => {
    const held = await new InterruptMachine(2, true).boot();
    held.config(MSIX_CAP + MSIX.CONTROL, MSIX.MASK_ALL, true);
    held.use(1);
    held.use(0);
    held.model.host?.configChanged();
    expect(await held.soon()).to.deep.equal([]);
    expect(held.pending).to.equal(7);
    held.mask(2, true);
    held.config(MSIX_CAP + MSIX.CONTROL, MSIX.MASK_ALL, false);
    expect(await held.soon()).to.deep.equal(['config', 'q.0']);
    expect(held.pending).to.equal(4);
  });

  it('regression: a reset of the device takes what is pending', async () => {
    const held = await new InterruptMachine(2, true).boot();
    for (const entry of [0, 1, 2]) held.mask(entry, true);
    held.use(0);
    held.use(1);
    held.model.host?.configChanged();
    expect(held.pending).to.equal(7);
    held.setStatus(0);
    expect(held.pending).to.equal(0);
    for (const entry of [0, 1, 2]) held.mask(entry, false);
    expect(await held.soon()).to.deep.equal([]);
  });

  it('the table ends with its last entry, and takes whole words only', async () => {
    const held = await new InterruptMachine(2, true).boot();
    const { port } = held.rig.guest;
    expect([0, 1, 2].map((i) => port.read(held.entry(i, MSIX.ENTRY_DATA), 4))).to.deep.equal([256, 257, 258]);
    port.write(held.entry(3, 0), 4, 0x1234);
    expect(port.read(held.entry(3, 0), 4)).to.equal(0);
    port.write(held.entry(2, MSIX.ENTRY_DATA), 2, 99);
    port.write(held.entry(2, MSIX.ENTRY_DATA) + 2, 4, 99);
    expect(port.read(held.entry(2, MSIX.ENTRY_DATA), 4)).to.equal(258);
    expect(port.read(held.entry(2, MSIX.ENTRY_CONTROL), 4)).to.equal(0);
    expect(held.rig.hv.log.errors).to.deep.equal([]);
  });

  it('a queue takes no entry behind the last, and a reset takes the entries of all', async () => {
    const held = await new InterruptMachine(2, true).boot();
    const { port } = held.rig.guest;
    const set = (at: number, value: number): number => {
      port.write(held.bar(4) + at, 2, value);
      return held.common(at, 2);
    };
    set(COMMON.QUEUE_SELECT, 1);
    expect(set(COMMON.QUEUE_MSIX_VECTOR, 3)).to.equal(0xffff);
    expect(set(COMMON.QUEUE_MSIX_VECTOR, 2)).to.equal(2);
    expect(set(COMMON.CONFIG_MSIX_VECTOR, 3)).to.equal(0xffff);
    expect(set(COMMON.CONFIG_MSIX_VECTOR, 2)).to.equal(2);
    held.setStatus(0);
    const vectors = [0, 1].map((queue) => [set(COMMON.QUEUE_SELECT, queue), held.common(COMMON.QUEUE_MSIX_VECTOR, 2)]);
    expect(vectors).to.deep.equal([
      [0, 0xffff],
      [1, 0xffff],
    ]);
    expect(held.common(COMMON.CONFIG_MSIX_VECTOR, 2)).to.equal(0xffff);
    set(COMMON.QUEUE_SELECT, 2);
    expect(held.common(COMMON.QUEUE_SIZE, 2)).to.equal(0);
    expect(held.common(COMMON.QUEUE_MSIX_VECTOR, 2)).to.equal(0xffff);
  });
});

describe('vpci: the pin (VIRTIO 1.2 §4.1.4.5)', () => {
  it('regression: what comes while the pin is off is told when it is on', async () => {
    const held = await new InterruptMachine(1, false).boot();
    held.config(PCI.COMMAND, COMMAND.INTX_DISABLE, true);
    held.use(0);
    expect(await held.soon()).to.deep.equal([]);
    held.config(PCI.COMMAND, COMMAND.INTX_DISABLE, false);
    expect(await held.soon()).to.deep.equal(['q.0']);
    held.config(PCI.COMMAND, COMMAND.INTX_DISABLE, true);
    held.config(PCI.COMMAND, COMMAND.INTX_DISABLE, false);
    const { interrupts } = held.rig.guest.counters;
    expect(await held.soon()).to.deep.equal([]);
    expect(held.rig.guest.counters.interrupts).to.equal(interrupts);
  });

  it('a reset takes it back: the register reads zero', async () => {
    const held = await new InterruptMachine(1, false).boot();
    held.config(PCI.COMMAND, COMMAND.INTX_DISABLE, true);
    held.use(0);
    held.setStatus(0);
    expect(held.rig.guest.port.read(held.bar(4) + ISR_PAGE, 1)).to.equal(0);
  });

  it('what comes at any access of the handler is not lost', async () => {
    for (const before of [true, false]) {
      const moments = await eachMoment(async (nth) => {
        const held = await new InterruptMachine(2, false).boot();
        held.use(0);
        const wait = between(held.rig.guest, { kind: 'register', nth, before }, () => held.model.complete());
        held.vqs[1]?.add({ in: [4] }, 'token');
        held.rig.guest.port.write(held.bar(4) + 0x3000 + 4, 2, 1);
        await held.soon();
        if (wait.fired) expect(held.vqs[1]?.getBuf()?.token, `access ${String(nth)}`).to.equal('token');
        if (wait.fired) expect(held.rig.guest.port.read(held.bar(4) + ISR_PAGE, 1)).to.equal(0);
        return wait;
      });
      expect(moments).to.be.greaterThan(0);
    }
  });

  it('a queue that finishes while the handler serves another is served, too', async () => {
    const held = await new InterruptMachine(2, false).boot();
    held.vqs[1]?.add({ in: [4] }, 'token');
    held.vqs[1]?.kick();
    held.vqs[0]?.add({ in: [4] }, 'token');
    held.vqs[0]?.kick();
    const isIsr = ({ what, at }: GuestStep): boolean => what === 'read' && at === held.bar(4) + ISR_PAGE;
    const wait = between(held.rig.guest, { kind: 'register', matches: isIsr }, () => held.model.complete());
    held.model.complete(undefined, 1);
    const told = await held.soon();
    expect(wait.fired).to.equal(true);
    expect([...new Set(told)].sort()).to.deep.equal(['q.0', 'q.1']);
  });
});

describe('vpci: windows of the hot-plug controller', () => {
  it('a device that comes at any step of serving the one before is found', async () => {
    for (const kind of ['register', 'config', 'lock', 'switch'] as const) {
      await eachMoment(async (nth) => {
        const rig = new PciMachine();
        await rig.boot();
        const plug = (n: number): void => void rig.plug(new EntropyDevice({ name: `rng${String(n)}`, seed: n }));
        const wait = between(rig.guest, { kind, nth: nth === 1 ? 1 : 7 * (nth - 1) }, () => plug(2));
        plug(1);
        await rig.world.advance(10 * SOON);
        const names = wait.fired ? [NAME, '0000:00:02.0'] : [NAME];
        expect(rig.names(), `${kind} ${String(nth)}`).to.deep.equal(names);
        expect(rig.guest.port.read(MACHINE.HOTPLUG + HOTPLUG.EVENTS, 4)).to.equal(0);
        return wait;
      });
    }
  });

  it('an event while the guest does not listen is told when it does', async () => {
    const rig = new PciMachine();
    await rig.boot();
    const { port } = rig.guest;
    port.write(MACHINE.HOTPLUG + HOTPLUG.ENABLE, 4, 0);
    rig.plug(new EntropyDevice({ name: 'rng0', seed: 1 }));
    await rig.world.advance(SOON);
    expect(rig.names()).to.deep.equal([]);
    expect(port.read(MACHINE.HOTPLUG + HOTPLUG.EVENTS, 4)).to.equal(HOTPLUG.EVENT_PLUGGED);
    port.write(MACHINE.HOTPLUG + HOTPLUG.ENABLE, 4, 1);
    await rig.world.advance(SOON);
    expect(rig.names()).to.deep.equal([NAME]);
  });
});

describe('vpci: queues and reset', () => {
  it('the device is reset before the memory of its queues is given back', async () => {
    const held = await new InterruptMachine(2, true).boot();
    const kept: boolean[] = [];
    const resets = ({ what, at, value }: GuestStep): boolean =>
      what === 'write' && at === held.bar(4) + COMMON.DEVICE_STATUS && value === 0;
    between(
      held.rig.guest,
      { kind: 'register', matches: resets },
      () => void kept.push((held.rig.kernel.dma?.inUse ?? 0) > held.before),
    );
    expect(await held.rig.echo('virtio0', 'bus/virtio/drivers/held/unbind')).to.equal('0');
    expect(kept).to.deep.equal([true]);
    expect(held.rig.kernel.dma?.inUse).to.equal(held.before);
  });

  it('every queue is set up before the first is enabled, and their vectors are taken before their memory', async () => {
    const held = new InterruptMachine(2, true);
    const writes: string[] = [];
    const names: Record<number, string> = {
      [COMMON.QUEUE_ENABLE]: 'enable',
      [COMMON.QUEUE_DESC]: 'desc',
      [COMMON.QUEUE_MSIX_VECTOR]: 'vector',
    };
    held.rig.hv.log.onExit(({ kind, address, value }) => {
      const name = kind === 'write' ? names[address - MACHINE.MEM_FIRST] : undefined;
      if (name !== undefined) writes.push(name === 'desc' ? name : `${name} ${String(value)}`);
    });
    await held.boot();
    expect(held.bar(4)).to.equal(MACHINE.MEM_FIRST);
    expect(writes).to.deep.equal(['desc', 'vector 1', 'desc', 'vector 2', 'enable 1', 'enable 1']);
  });
});
