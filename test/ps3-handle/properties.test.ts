import { expect } from 'chai';
import fc from 'fast-check';
import { COMMAND, LV1 } from '../../buses/ps3-handle/layout';
import { errno } from '../../lib/errno';
import type { Crossing } from '../../lib/hypervisor/index';
import type { AllocationPolicy, Plugged } from '../../lib/machine';
import { BLK, Caller, EchoModel, Ps3Machine, RNG } from './support';

const { EBADF, EBUSY, EINVAL, ENODEV, ENOENT, EPERM } = errno;

/** What the table must be, kept in the simplest way. */
class Model {
  readonly classes = new Map<number, number>();
  readonly gone = new Set<number>();
  /** Handles that live: who has which device. */
  readonly held = new Map<number, { guest: number; dev: number }>();
  readonly ended = new Set<number>();

  isFree(dev: number): boolean {
    return this.isListed(dev) && [...this.held.values()].every((held) => held.dev !== dev);
  }

  isListed(dev: number): boolean {
    return this.classes.has(dev) && !this.gone.has(dev);
  }

  freeOf(classId: number): number[] {
    return [...this.classes].filter(([dev, cls]) => cls === classId && this.isFree(dev)).map(([dev]) => dev);
  }

  handleStatus(guest: number, handle: number): number {
    const held = this.held.get(handle);
    if (held === undefined) return -EBADF;
    return held.guest === guest ? 0 : -EPERM;
  }
}

class Machine {
  readonly rig: Ps3Machine;
  readonly model = new Model();
  readonly guests: readonly Caller[];
  readonly #plugged = new Map<number, Plugged>();

  constructor(policy: AllocationPolicy, seed: number) {
    this.rig = new Ps3Machine({ policy, world: { seed } });
    this.guests = ['g1', 'g2'].map((name) => new Caller(this.rig.guest(name, 1 << 16)));
  }

  guest(index: number): Caller {
    return this.guests[index] as Caller;
  }

  plug(classId: number): void {
    const dev = this.model.classes.size + 1;
    this.#plugged.set(dev, this.rig.plug(new EchoModel(`dev${String(dev)}`, classId, 5000)));
    this.model.classes.set(dev, classId);
  }

  unplug(dev: number): void {
    this.#plugged.get(dev)?.unplug();
    if (this.model.classes.has(dev)) this.model.gone.add(dev);
  }

  alloc(guest: number, classId: number): void {
    const free = this.model.freeOf(classId);
    const handle = this.guest(guest).alloc(classId);
    if (free.length > 0) {
      expect(free).to.include(this.#take(guest, handle));
      return;
    }
    const any = [...this.model.classes].some(([dev, cls]) => cls === classId && this.model.isListed(dev));
    expect(handle).to.equal(any ? -EBUSY : -ENODEV);
  }

  open(guest: number, dev: number): void {
    const handle = this.guest(guest).open(dev);
    if (this.model.isFree(dev)) expect(this.#take(guest, handle)).to.equal(dev);
    else expect(handle).to.equal(this.model.isListed(dev) ? -EBUSY : -ENOENT);
  }

  #take(guest: number, handle: number): number {
    expect(handle).to.be.greaterThan(0);
    expect(this.model.held.has(handle) || this.model.ended.has(handle)).to.equal(false);
    const dev = this.rig.bus.host.handles.get(handle)?.device.devId ?? -1;
    this.model.held.set(handle, { guest, dev });
    return dev;
  }

  free(guest: number, handle: number): void {
    const expected = this.model.handleStatus(guest, handle);
    expect(this.guest(guest).free(handle)).to.equal(expected);
    if (expected === 0) this.#end(handle);
  }

  close(guest: number, dev: number): void {
    const [handle, held] = [...this.model.held].find(([, one]) => one.dev === dev) ?? [-1, undefined];
    const expected = held === undefined ? -EINVAL : held.guest === guest ? 0 : -EPERM;
    expect(this.guest(guest).call(LV1.CLOSE_DEVICE, 1, dev).status).to.equal(expected);
    if (expected === 0) this.#end(handle);
  }

  #end(handle: number): void {
    this.model.held.delete(handle);
    this.model.ended.add(handle);
  }

  command(guest: number, handle: number): void {
    const status = this.model.handleStatus(guest, handle);
    const gone = this.model.gone.has(this.model.held.get(handle)?.dev ?? -1);
    const expected = status === 0 && gone ? -ENODEV : status;
    expect(this.guest(guest).command(handle, COMMAND.GET_STATUS).status).to.equal(expected);
  }

  submit(guest: number, handle: number): void {
    this.guest(guest).start(handle);
    this.guest(guest).command(handle, COMMAND.SUBMIT, 0, 1, 1, 0x1000, 4, 0x2000, 4);
  }

  /** The table is the model's, and claims say the same. */
  check(): void {
    const { handles, pool } = this.rig.bus.host;
    const held = handles.list().map(({ handle, guest, device }) => [handle, guest.name, device.name]);
    const name = (guest: number): string => `g${String(guest + 1)}`;
    expect(held).to.deep.equal(
      [...this.model.held].map(([h, { guest, dev }]) => [h, name(guest), `dev${String(dev)}`]),
    );
    const claims = [...this.model.held.values()].filter(({ dev }) => !this.model.gone.has(dev));
    const claimed = claims.map(({ guest, dev }) => `dev${String(dev)}:${name(guest)}`);
    expect([...this.rig.claims].sort()).to.deep.equal(claimed.sort());
    const free = pool.free.map(({ devId }) => devId).sort((a, b) => a - b);
    expect(free).to.deep.equal([...this.model.freeOf(BLK), ...this.model.freeOf(RNG)].sort((a, b) => a - b));
    expect(this.rig.hv.log.errors).to.deep.equal([]);
  }
}

const guest = fc.nat(1);
const classId = fc.constantFrom(BLK, RNG);
const dev = fc.integer({ min: 1, max: 8 });
const handle = fc.integer({ min: 0, max: 14 });
const step: fc.Arbitrary<(m: Machine) => void> = fc.oneof(
  classId.map((c) => (m: Machine) => m.plug(c)),
  {
    weight: 4,
    arbitrary: fc.tuple(guest, classId).map(
      ([g, c]) =>
        (m: Machine) =>
          m.alloc(g, c),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(guest, handle).map(
      ([g, h]) =>
        (m: Machine) =>
          m.free(g, h),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(guest, dev).map(
      ([g, d]) =>
        (m: Machine) =>
          m.open(g, d),
    ),
  },
  fc.tuple(guest, dev).map(
    ([g, d]) =>
      (m: Machine) =>
        m.close(g, d),
  ),
  {
    weight: 2,
    arbitrary: fc.tuple(guest, handle).map(
      ([g, h]) =>
        (m: Machine) =>
          m.command(g, h),
    ),
  },
  fc.tuple(guest, handle).map(
    ([g, h]) =>
      (m: Machine) =>
        m.submit(g, h),
  ),
  dev.map((d) => (m: Machine) => m.unplug(d)),
);

describe('the handle table against two guests', () => {
  it('is what a simple model says after any sequence of calls, plugs and unplugs', async () => {
    const policy = fc.constantFrom<AllocationPolicy>('lowest', 'recent', 'random');
    const anySteps = fc.array(step, { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(policy, fc.nat(), anySteps, async (which, seed, steps) => {
        const machine = new Machine(which, seed);
        for (const cls of [RNG, RNG, BLK]) machine.plug(cls);
        for (const act of steps) {
          act(machine);
          machine.check();
        }
        await machine.rig.world.advance(1e6);
        machine.check();
      }),
    );
  });

  it('is not changed by calls with arguments that mean nothing, and none of them throws', () => {
    const argument: fc.Arbitrary<Crossing> = fc.oneof(
      fc.double(),
      fc.integer({ min: -2, max: 12 }),
      fc.bigInt({ min: -(1n << 70n), max: 1n << 70n }),
      fc.uint8Array({ maxLength: 4 }),
    );
    const call = fc.tuple(
      fc.constantFrom(LV1.READ_REPOSITORY_NODE, LV1.CLOSE_DEVICE, LV1.DEVICE_COMMAND, LV1.FREE_DEVICE),
      fc.array(argument, { maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(call, { maxLength: 30 }), (calls) => {
        const machine = new Machine('lowest', 0);
        machine.plug(RNG);
        machine.plug(BLK);
        // The other guest's handles: none of the calls may touch them.
        machine.alloc(0, RNG);
        machine.alloc(0, BLK);
        for (const [nr, args] of calls) {
          expect(machine.guest(1).call(nr, ...args).status).to.be.lessThan(1);
          machine.check();
        }
      }),
    );
  });

  it('commands with any arguments to a device of its own never throw and never reach behind its memory', async () => {
    const number = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 1 << 17 }), fc.maxSafeInteger());
    const call = fc.tuple(fc.integer({ min: 0, max: 10 }), fc.array(fc.oneof(number, fc.bigInt()), { maxLength: 8 }));
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 40 }), async (calls) => {
        const machine = new Machine('lowest', 0);
        machine.plug(RNG);
        const g1 = machine.guest(0);
        const own = g1.alloc(RNG);
        g1.start(own);
        for (const [code, args] of calls) expect(g1.command(own, code, ...args).status).to.be.lessThan(1);
        await machine.rig.world.advance(1e6);
        expect(machine.rig.hv.log.errors).to.deep.equal([]);
        expect(g1.free(own)).to.equal(0);
      }),
    );
  });
});
