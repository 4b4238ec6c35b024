import { expect } from 'chai';
import fc from 'fast-check';
import { vbus, VBUS } from '../../buses/vbus';
import { virtioBlk } from '../../drivers/virtio_blk';
import { errno } from '../../lib/errno';
import { decodePlace, type Place, type StyleName } from '../../lib/access/place';
import { CHANNEL_CALL } from '../../lib/access/styles/channel/layout';
import { FD } from '../../lib/access/styles/fd/layout';
import { HEADER, QUEUE, queueAt } from '../../lib/access/styles/header';
import { SIGNAL } from '../../lib/access/styles/mapped/layout';
import { MMIO } from '../../lib/access/styles/mmio/layout';
import type { Crossing, Hypervisor, Width } from '../../lib/hypervisor';
import { blockWorkload, Machine, type MachineGuest } from '../../lib/machine';

const disks = blockWorkload(virtioBlk);

/** What a guest does with a device by itself. */
type Step =
  | { readonly op: 'call'; readonly nr: number; readonly args: readonly Crossing[] }
  | { readonly op: 'read'; readonly at: number; readonly width: Width }
  | { readonly op: 'write'; readonly at: number; readonly width: Width; readonly value: number }
  | { readonly op: 'page'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly op: 'ram'; readonly which: number; readonly at: number; readonly bytes: Uint8Array }
  | { readonly op: 'queue'; readonly size: number; readonly areas: readonly number[]; readonly what: number }
  | { readonly op: 'use' }
  | { readonly op: 'settle' };

const odd = fc.constantFrom<number>(-1, 0.5, Number.NaN, Infinity, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53);
const small = fc.nat(20);
const crossing: fc.Arbitrary<Crossing> = fc.oneof(
  { weight: 4, arbitrary: small },
  { weight: 2, arbitrary: fc.nat(2 ** 21) },
  odd,
  fc.bigInt({ min: -1n, max: 1n << 64n }),
  fc.uint8Array({ maxLength: 40 }),
);
const args = fc.array(crossing, { maxLength: 12 });
const width = fc.constantFrom<Width>(1, 2, 4);
const bytes = fc.uint8Array({ minLength: 1, maxLength: 24 });

const call = (nr: number, arbitrary = args): fc.Arbitrary<Step> =>
  fc.record({ op: fc.constant('call' as const), nr: fc.constant(nr), args: arbitrary });
const opening = fc.array(fc.oneof(fc.nat(5), odd), { maxLength: 4 });
/** Areas of a queue: in RAM or in pages, at their ends and behind them, aligned or not. */
const area = fc.oneof(
  fc.nat(2 ** 16),
  fc.nat(2 ** 16).map((n) => n * 4096),
  fc.constantFrom(2 ** 20 - 16, 2 ** 24 - 16),
);
const setUp: fc.Arbitrary<Step> = fc.record({
  op: fc.constant('queue' as const),
  size: fc.oneof(fc.constantFrom(0, 1, 2, 8, 128, 256, 32768), fc.nat(0xffff)),
  areas: fc.array(area, { minLength: 3, maxLength: 3 }),
  what: fc.nat(3),
});

const anywhere: readonly fc.Arbitrary<Step>[] = [
  fc.record({ op: fc.constant('ram' as const), which: small, at: fc.nat(600), bytes }),
  fc.record({ op: fc.constant('use' as const) }),
  fc.record({ op: fc.constant('settle' as const) }),
  fc.oneof(...[VBUS.OPEN, VBUS.NEXT].map((nr) => call(nr, opening))),
];

/** -1 as the first argument stands for the handle. */
const HANDLE = -1;
const ofDevice = args.map((rest): readonly Crossing[] => [HANDLE, ...rest]);
const registers = fc.oneof(fc.constantFrom(...Object.values(MMIO).filter((at) => at < MMIO.BYTES)), fc.nat(0x210));
const STEPS: Readonly<Record<StyleName, readonly fc.Arbitrary<Step>[]>> = {
  mmio: [
    setUp,
    fc.record({ op: fc.constant('read' as const), at: registers, width }),
    fc.record({ op: fc.constant('write' as const), at: registers, width, value: fc.oneof(small, fc.nat(2 ** 31)) }),
    fc.record({ op: fc.constant('write' as const), at: registers, width: fc.constant<Width>(4), value: small }),
  ],
  channel: [call(CHANNEL_CALL.nr, ofDevice as typeof args), call(CHANNEL_CALL.nr)],
  mapped: [
    setUp,
    fc.record({ op: fc.constant('page' as const), at: fc.nat(HEADER.BYTES), bytes }),
    fc.record({ op: fc.constant('page' as const), at: fc.nat(2 ** 20 - 24), bytes }),
    call(
      SIGNAL.nr,
      fc.constantFrom<Crossing>(0, 1, 2, 0xfffe, 0xffff, -1).map((what) => [HANDLE, what]),
    ),
    call(SIGNAL.nr),
  ],
  fd: Object.values(FD).flatMap((nr) => [call(nr, ofDevice as typeof args)]),
};

/** A driver's way to a queue that lies where it should not. */
function setUpQueue(guest: MachineGuest, place: Place, { size, areas, what }: Extract<Step, { op: 'queue' }>): void {
  const { port, pages } = guest.guest;
  const memory = pages.get(place.base);
  const [desc = 0, driver = 0, device = 0] = areas;
  if (memory === undefined) {
    const registers: readonly (readonly [number, number])[] = [
      ...[0, 1, 3].map((status) => [MMIO.STATUS, status] as const),
      [MMIO.DRIVER_FEATURES_SEL, 1],
      [MMIO.DRIVER_FEATURES, 1],
      [MMIO.STATUS, 11],
      [MMIO.QUEUE_SEL, 0],
      [MMIO.QUEUE_NUM, size],
      [MMIO.QUEUE_DESC_LOW, desc],
      [MMIO.QUEUE_DRIVER_LOW, driver],
      [MMIO.QUEUE_DEVICE_LOW, device],
      [MMIO.QUEUE_READY, 1],
      [MMIO.STATUS, 15],
      [MMIO.QUEUE_NOTIFY, what],
    ];
    for (const [at, value] of registers) port.write(place.base + at, 4, value);
    return;
  }
  const signal = (of: number): unknown => port.hypercall(SIGNAL.nr, [place.handle, of]);
  for (const status of [0, 1, 3, 11, 15]) {
    memory.setU64(HEADER.DRIVER_FEATURES, 1n << 32n);
    memory.setU32(HEADER.STATUS, status);
    if (status === 15) {
      memory.setU16(queueAt(0) + QUEUE.SIZE, size);
      memory.setU32(queueAt(0) + QUEUE.DESC, desc);
      memory.setU32(queueAt(0) + QUEUE.DRIVER, driver);
      memory.setU32(queueAt(0) + QUEUE.DEVICE, device);
      memory.setU32(queueAt(0) + QUEUE.READY, 1);
    }
    signal(0xffff);
  }
  signal(what);
}

function act(guest: MachineGuest, place: Place, step: Step): void {
  const { port, memory, pages } = guest.guest;
  if (step.op === 'call') {
    port.hypercall(
      step.nr,
      step.args.map((arg, i) => (i === 0 && arg === HANDLE ? place.handle : arg)),
    );
  } else if (step.op === 'read') port.read(place.base + step.at, step.width);
  else if (step.op === 'write') port.write(place.base + step.at, step.width, step.value);
  else if (step.op === 'queue') setUpQueue(guest, place, step);
  else if (step.op === 'page') pages.get(place.base)?.write(step.at, step.bytes);
  else if (step.op === 'ram' && guest.hasBooted) {
    const buffers = guest.kernel.dma?.list() ?? [];
    const buffer = buffers[step.which % buffers.length];
    if (buffer !== undefined) memory.write(buffer.address + step.at, step.bytes);
  } else if (step.op === 'use') void disks.touch(guest, guest.devices()[0] as never).catch(() => undefined);
}

/** Where a guest has what it opened last. */
function placeOf(hv: Hypervisor, guest: string): Place {
  const opened = hv.log.calls(guest).filter(({ nr, status }) => nr === VBUS.OPEN && status === 0);
  const place = decodePlace((opened.at(-1)?.values ?? []).slice(1));
  if (place === null) throw new Error(`guest ${guest} has nothing open`);
  return place;
}

async function start(guest: MachineGuest): Promise<void> {
  await guest.boot();
  await guest.loadTransport();
  await guest.loadDriver(virtioBlk);
}

async function works(guest: MachineGuest, machine: Machine): Promise<boolean> {
  const [disk] = guest.boundDevices();
  return disk !== undefined && (await disks.verify(guest, disk, machine.models));
}

describe('a hostile guest', () => {
  it('regression: is refused requests of more pieces than a descriptor takes, of whatever size together', async () => {
    const models = [disks.makeModel(0)];
    const conditions = { seed: 1, devices: 1, policy: 'lowest', access: ['fd'] } as const;
    const machine = new Machine(vbus, conditions, models);
    const guest = machine.guest();
    await start(guest);
    const { handle } = placeOf(machine.hypervisor, guest.name);
    const call = (nr: number, ...args: readonly Crossing[]): number =>
      guest.guest.port.hypercall(nr, [handle, ...args]).status;
    const many = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
    expect(call(FD.WRITEV, 0, 1, 16, ...many(1025, Uint8Array.of(1)))).to.equal(-errno.EINVAL);
    expect(call(FD.WRITEV, 0, 1, 16, ...many(1024, new Uint8Array(2 ** 15)))).to.equal(-errno.EINVAL);
    expect(call(FD.READV, 0, 1, ...many(1025, 1))).to.equal(-errno.EINVAL);
    expect(machine.hypervisor.log.errors).to.deep.equal([]);
    expect(await works(guest, machine)).to.equal(true);
  });

  for (const style of ['mmio', 'channel', 'mapped', 'fd'] as const) {
    it(`${style}: breaks its own device only, until it boots again, and nothing throws in the host`, async () => {
      const steps = fc.array(fc.oneof(...STEPS[style], ...STEPS[style], ...anywhere), { maxLength: 40 });
      const property = fc.asyncProperty(steps, async (list) => {
        const models = [0, 1].map((index) => disks.makeModel(index));
        const conditions = { seed: 1, devices: 1, policy: 'lowest', access: [style], ownership: 'private' } as const;
        const machine = new Machine(vbus, conditions, models, 2);
        for (const guest of machine.guests) await start(guest);
        const [good, bad] = [machine.guest(0), machine.guest(1)];
        for (const step of list) {
          if (step.op === 'settle') await machine.settle();
          else act(bad, placeOf(machine.hypervisor, bad.name), step);
        }
        await machine.settle();
        bad.die();
        expect(machine.hypervisor.log.errors).to.deep.equal([]);
        expect(machine.hypervisor.log.countRefusals(good.name), 'refusals to the other').to.equal(0);
        expect(await works(good, machine), 'the other guest').to.equal(true);
        await start(bad);
        expect(await works(bad, machine), 'the same guest later').to.equal(true);
      });
      await fc.assert(property, { numRuns: 40 });
    });
  }
});
