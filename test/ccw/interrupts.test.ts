import { expect } from 'chai';
import { channelSubsystem, ENDED, FCTL, INSTRUCTION, packSchid, STCTL, virtioCcw } from '../../buses/ccw';
import { AdapterInterrupts, AIRQ_BYTES } from '../../buses/ccw/guest/airq';
import { GuestMemory } from '../../lib/hypervisor';
import type { SplitVirtqueue, Virtqueue } from '../../lib/virtio';
import { between, eachMoment, type GuestStep } from '../support/between';
import { HeldDevice } from '../support/held-device';
import { BareMachine, CcwMachine, PlainUnit } from './support';
import { heldDriver } from '../support/held-driver';

const SCH0 = packSchid({ ssid: 0, schNo: 0 });
const LONG = 20e9;

/** A device with queues of 8, its driver, and what its interrupts told. */
class InterruptMachine extends CcwMachine {
  readonly told: string[] = [];
  readonly model: HeldDevice;
  /** Memory in use when the device was reset. */
  readonly atReset: number[] = [];
  vqs: readonly Virtqueue[] = [];

  constructor(readonly queues: number) {
    super();
    const { atReset } = this;
    const inUse = (): number => this.kernel.dma?.inUse ?? 0;
    this.model = new (class extends HeldDevice {
      override reset(): void {
        super.reset();
        atReset.push(inUse());
      }
    })(new Array<number>(queues).fill(8));
  }

  /** @param indicators false: all bits of the adapter are taken by others */
  async up(indicators = true): Promise<this> {
    this.host.plug(this.model, this.guest, { devno: 1 });
    await this.boot();
    const { airq } = channelSubsystem(this.kernel);
    while (!indicators && airq.alloc(Array.from({ length: 8 }, () => null as never)) !== null);
    await this.kernel.registerDriver(virtioCcw);
    await this.kernel.registerDriver(heldDriver(this.told, this.queues, (vqs) => (this.vqs = vqs)));
    await this.settle();
    return this;
  }

  give(queue: number): void {
    this.vqs[queue]?.add({ in: [4] }, 'token');
    this.vqs[queue]?.kick();
  }

  async soon(): Promise<string[]> {
    await this.settle(1e6);
    return this.told.splice(0);
  }
}

describe('ccw: adapter interrupts (VIRTIO 1.2 §4.3.2.6.3)', () => {
  // Reading and clearing a bit is one step, as the kernel's test_and_clear_bit is.
  it('a queue that finishes before any read and after any write of the handler is served', async () => {
    for (const before of [true, false]) {
      const matches = ({ what }: GuestStep): boolean => what === (before ? 'read' : 'write');
      const moments = await eachMoment(async (nth) => {
        const held = await new InterruptMachine(2).up();
        held.give(0);
        held.give(1);
        const wait = between(held.guest, { kind: 'ring', nth, before, matches }, () => held.model.complete());
        held.model.complete(undefined, nth % 2);
        const told = await held.soon();
        if (wait.fired) expect([...new Set(told)].sort(), `access ${String(nth)}`).to.deep.equal(['q.0', 'q.1']);
        return wait;
      });
      expect(moments).to.be.greaterThan(1);
    }
  });

  it('is one interrupt for all that finish before it is served, and another one afterwards', async () => {
    const held = await new InterruptMachine(3).up();
    const interrupts = (): number => held.guest.counters.interrupts;
    const before = interrupts();
    for (const queue of [2, 0, 1]) held.give(queue);
    held.model.complete();
    held.model.complete();
    expect(await held.soon()).to.deep.equal(['q.0', 'q.2']);
    expect(interrupts() - before).to.equal(1);
    held.model.complete();
    expect(await held.soon()).to.deep.equal(['q.1']);
    expect(interrupts() - before).to.equal(2);
  });

  it('the last bit is the last, and bits that were given back are given out again', () => {
    const memory = new GuestMemory(4096, 'test');
    const airq = new AdapterInterrupts(memory, 0);
    const called: number[] = [];
    const vqs = Array.from(
      { length: 2048 },
      (_, i) => ({ vqInterrupt: () => called.push(i) > 0 }) as unknown as SplitVirtqueue,
    );
    expect(airq.alloc([...vqs, ...vqs.slice(0, 1)])).to.equal(null);
    const all = airq.alloc(vqs);
    expect(all?.first).to.equal(0);
    expect(airq.alloc(vqs.slice(0, 1))).to.equal(null);
    memory.setU8(AIRQ_BYTES - 1, 1);
    memory.setU8(airq.indicator, 0x80);
    airq.scan();
    expect(called).to.deep.equal([0, 2047]);
    expect(memory.getU8(AIRQ_BYTES - 1)).to.equal(0);
    expect(memory.getU8(airq.indicator)).to.equal(0);
    if (all !== null) airq.free({ first: 0, queues: vqs.slice(0, 2) });
    expect(airq.alloc(vqs.slice(0, 3))).to.equal(null);
    expect(airq.alloc(vqs.slice(0, 1))?.first).to.equal(0);
    expect(airq.alloc(vqs.slice(0, 1))?.first).to.equal(1);
  });
});

describe('ccw: indicators of a device without an adapter bit (§4.3.2.6.1)', () => {
  it('the last of 64 queues has the highest bit', async () => {
    const held = await new InterruptMachine(64).up(false);
    held.give(63);
    held.give(0);
    held.model.complete();
    held.model.complete();
    expect((await held.soon()).sort()).to.deep.equal(['q.0', 'q.63']);
    expect(held.vqs[63]?.getBuf()?.token).to.equal('token');
  });

  it('a queue that finishes at any step of the handler is served', async () => {
    for (const kind of ['ring', 'hypercall'] as const) {
      const matches = ({ what }: GuestStep): boolean => what !== 'read';
      await eachMoment(async (nth) => {
        const held = await new InterruptMachine(2).up(false);
        held.give(0);
        held.give(1);
        const wait = between(held.guest, { kind, nth, matches }, () => held.model.complete());
        held.model.complete();
        const told = await held.soon();
        if (wait.fired) expect([...new Set(told)].sort(), `${kind} ${String(nth)}`).to.deep.equal(['q.0', 'q.1']);
        return wait;
      });
    }
  });
});

describe('ccw: queues and reset', () => {
  for (const indicators of [true, false]) {
    it(`the device is reset while it has its queues' memory (${indicators ? 'adapter' : 'own'} indicators)`, async () => {
      const held = await new InterruptMachine(2).up(indicators);
      const full = held.kernel.dma?.inUse ?? 0;
      held.atReset.length = 0;
      expect(await held.echo('virtio0', '/sys/bus/virtio/drivers/held/unbind')).to.equal('');
      const [atReset = 0] = held.atReset;
      expect(atReset).to.be.at.least(full);
      expect(held.kernel.dma?.inUse).to.be.lessThan(full);
    });
  }
});

/** One device, enabled, that answers when it is told to. */
function bare(): BareMachine {
  const m = new BareMachine();
  m.host.plugUnit(new PlainUnit({}, () => ENDED), m.guest, { devno: 0x1234 });
  m.msch({ ena: true, isc: 3 });
  return m;
}

const tpi = (m: BareMachine): number => m.run(INSTRUCTION.TPI, m.operand);

describe('ccw: what a subchannel forgets (PoP chapter 14)', () => {
  it('CLEAR: the program that ran does not end any more; one interruption, of the clear function', async () => {
    const m = bare().write({ count: 0, command: 0x03 });
    expect(m.ssch()).to.equal(0);
    expect(m.run(INSTRUCTION.CSCH, SCH0)).to.equal(0);
    await m.world.advance(LONG);
    expect(m.interrupts).to.deep.equal(['1:1000000000077']);
    expect(m.tsch().irb.scsw).to.include({ fctl: FCTL.CLEAR, stctl: STCTL.STATUS_PEND });
    await m.world.advance(LONG);
    expect(m.interrupts.length).to.equal(1);
    expect(m.tsch().cc).to.equal(1);
  });

  it('CLEAR: status that was pending, and its interruption', async () => {
    const m = bare().write({ count: 0, command: 0x03 });
    m.ssch();
    await m.world.advance(1e6);
    expect(tpi(m)).to.equal(1);
    expect(m.run(INSTRUCTION.CSCH, SCH0)).to.equal(0);
    expect(m.tsch().cc).to.equal(1);
  });

  it('CANCEL: the start; nothing comes of it, and the next one works', async () => {
    const m = bare().write({ count: 0, command: 0x03 });
    expect(m.ssch()).to.equal(0);
    expect(m.run(INSTRUCTION.XSCH, SCH0)).to.equal(0);
    await m.world.advance(LONG);
    expect(m.interrupts).to.deep.equal([]);
    expect(m.tsch().cc).to.equal(1);
    expect((await m.start()).scsw.dstat).to.equal(ENDED);
    expect(m.interrupts.length).to.equal(1);
  });

  it('TEST: takes the interruption along', async () => {
    const m = bare().write({ count: 0, command: 0x03 });
    m.ssch();
    await m.world.advance(1e6);
    expect(m.tsch().cc).to.equal(0);
    expect(tpi(m)).to.equal(0);
    expect(m.tsch().cc).to.equal(1);
  });

  it('a device that leaves: status, interruption and what runs are not those of the next one', async () => {
    for (const ns of [0, 1e6]) {
      const m = new BareMachine();
      const plugged = m.host.plugUnit(new PlainUnit({}, () => ENDED), m.guest, { devno: 1 });
      m.msch({ ena: true, isc: 3, intparm: 5 });
      m.write({ count: 0, command: 0x03 }).ssch();
      await m.world.advance(ns);
      const before = m.interrupts.length;
      plugged.unplug();
      m.host.plugUnit(new PlainUnit({}, () => ENDED), m.guest, { devno: 2 });
      await m.world.advance(LONG);
      m.stsch();
      expect(m.schib.pmcw).to.include({ dnv: true, dev: 2, ena: false, intparm: 0 });
      expect(m.schib.scsw.fctl).to.equal(0);
      expect(m.schib.scsw.stctl).to.equal(0);
      expect(tpi(m)).to.equal(0);
      expect(m.interrupts.length - before).to.equal(0);
    }
  });
});
