import { expect } from 'chai';
import fc from 'fast-check';
import { vbus, VBUS, VECTOR } from '../../buses/vbus';
import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioNet } from '../../drivers/virtio_net';
import { decodePlace, type Place, type StyleName } from '../../lib/access/place';
import { CHANNEL_CALL } from '../../lib/access/styles/channel/layout';
import { FD } from '../../lib/access/styles/fd/layout';
import { HEADER } from '../../lib/access/styles/header';
import { done, failed, NetworkDevice, NetworkHub } from '../../lib/hypervisor';
import type { Crossing, HypercallResult, Port } from '../../lib/hypervisor';
import { blockWorkload, Machine, type MachineGuest } from '../../lib/machine';
import { netDevices, type NetDevice } from '../../lib/subsystems';
import { USED } from '../../lib/virtio/spec';
import { SplitVirtqueue } from '../../lib/virtio/split-virtqueue';
import type { VirtioDevice } from '../../lib/virtio';
import { codeOf } from '../support/errors';

const disks = blockWorkload(virtioBlk);
const MAC = Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56);

/** What the host answers instead of the truth, one after the other and again from the start. */
type Lie =
  | { readonly kind: 'truth' }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'values'; readonly values: readonly Crossing[] }
  | { readonly kind: 'one'; readonly at: number; readonly value: Crossing }
  | { readonly kind: 'short' };

type Step =
  | { readonly op: 'interrupt'; readonly times: number }
  | { readonly op: 'bytes'; readonly which: number; readonly at: number; readonly bytes: Uint8Array }
  | {
      readonly op: 'used';
      readonly queue: number;
      readonly ahead: number;
      readonly id: number;
      readonly length: number;
    }
  | { readonly op: 'send' }
  | { readonly op: 'settle' };

const crossing: fc.Arbitrary<Crossing> = fc.oneof(
  { weight: 4, arbitrary: fc.nat(70) },
  fc.constantFrom<number>(-1, 0.5, Number.NaN, Infinity, 2 ** 31, 2 ** 32 - 1, 2 ** 53),
  fc.bigInt({ min: -1n, max: 1n << 64n }),
  fc.uint8Array({ maxLength: 4200 }),
);
const lie: fc.Arbitrary<Lie> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Lie>({ kind: 'truth' }) },
  fc.record({ kind: fc.constant('status' as const), status: fc.constantFrom(-5, -11, -19, -22, 1, 0.5, Number.NaN) }),
  fc.record({ kind: fc.constant('values' as const), values: fc.array(crossing, { maxLength: 8 }) }),
  fc.record({ kind: fc.constant('one' as const), at: fc.nat(6), value: crossing }),
  fc.constant<Lie>({ kind: 'short' }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ op: fc.constant('interrupt' as const), times: fc.constantFrom(1, 2, 50) }),
  fc.record({
    op: fc.constant('bytes' as const),
    which: fc.nat(80),
    at: fc.oneof(fc.nat(64), fc.nat(2100)),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 16 }),
  }),
  fc.record({
    op: fc.constant('used' as const),
    queue: fc.nat(1),
    ahead: fc.oneof(fc.nat(3), fc.nat(0xffff)),
    id: fc.oneof(fc.nat(70), fc.constantFrom(0xffff, 0xffff_ffff)),
    length: fc.oneof(fc.nat(2000), fc.constantFrom(0xffff_ffff)),
  }),
  fc.record({ op: fc.constant('send' as const) }),
  fc.record({ op: fc.constant('settle' as const) }),
);

function told(truth: HypercallResult, said: Lie): HypercallResult {
  if (said.kind === 'truth') return truth;
  if (said.kind === 'status') return { status: said.status, values: truth.values };
  if (said.kind === 'values') return { status: 0, values: said.values };
  if (said.kind === 'short') return { status: truth.status, values: truth.values.slice(0, -1) };
  return { status: truth.status, values: truth.values.map((value, i) => (i === said.at ? said.value : value)) };
}

/** Has the host lie about one device from now on. @returns what ends that */
function lieAbout(port: Port, place: Place, lies: readonly Lie[]): () => void {
  const honest = { read: port.read.bind(port), hypercall: port.hypercall.bind(port) };
  let count = 0;
  const next = (): Lie => lies[count++ % lies.length] ?? { kind: 'truth' };
  port.hypercall = (nr, args) => {
    const truth = honest.hypercall(nr, args);
    return args[0] === place.handle ? told(truth, next()) : truth;
  };
  port.read = (address, width) => {
    const truth = honest.read(address, width);
    if (place.base === 0 || address < place.base || address >= place.base + place.size) return truth;
    const said = next();
    return said.kind === 'one' && typeof said.value === 'number' ? said.value >>> 0 : truth;
  };
  return () => Object.assign(port, honest);
}

/** Where the network card is. */
function placeOf(machine: Machine): Place {
  const isNet = (e: { readonly args?: readonly Crossing[] }): boolean => e.args?.[0] === 1;
  const opened = machine.hypervisor.log.calls('g1').filter((e) => e.nr === VBUS.OPEN && e.status === 0 && isNet(e));
  const place = decodePlace((opened.at(-1)?.values ?? []).slice(1));
  if (place === null) throw new Error('the card is not open');
  return place;
}

/** Writes where rings, data and the header of the card are. */
function corrupt(machine: Machine, place: Place, one: Extract<Step, { readonly op: 'bytes' }>): void {
  const { guest, kernel } = machine.guest();
  const pages = guest.pages.get(place.base);
  if (pages !== undefined) pages.write(one.which * HEADER.BYTES + one.at, one.bytes);
  else {
    const buffers = (kernel.dma?.list() ?? []).filter(({ owner }) =>
      /virtqueue (in|out)put|queue (in|out)put/.test(owner),
    );
    const buffer = buffers[one.which % buffers.length];
    if (buffer !== undefined) guest.memory.write(buffer.address + (one.at % buffer.size), one.bytes);
  }
}

/** Entries in the used ring of the card that no device would write. VIRTIO 1.2 §2.7.8 */
function forge(machine: Machine, place: Place, one: Extract<Step, { readonly op: 'used' }>): void {
  const { guest, kernel } = machine.guest();
  const [card] = [...(kernel.busOf(virtioNet.bus)?.devices() ?? [])] as VirtioDevice[];
  const vq = card?.vqs[one.queue];
  if (!(vq instanceof SplitVirtqueue)) return;
  const memory = guest.pages.get(place.base) ?? guest.memory;
  const index = memory.getU16(vq.device + USED.IDX);
  const entry = vq.device + USED.RING + USED.ENTRY * (index % vq.size);
  memory.setU32(entry, one.id);
  memory.setU32(entry + 4, one.length);
  memory.setU16(vq.device + USED.IDX, index + one.ahead);
}

async function rebind(guest: MachineGuest): Promise<void> {
  if (guest.boundNames().includes('vbus1')) await guest.bindFile('unbind', 'vbus1');
  await guest.bindFile('bind', 'vbus1');
}

/** A machine with a card and a disk beside it, and the place of the card. */
async function machineWithCard(style: StyleName) {
  const hub = new NetworkHub();
  const heard: Uint8Array[] = [];
  const wire = hub.plug({ receive: (bytes) => void heard.push(bytes) });
  const models = [new NetworkDevice({ name: 'net0', hub, mac: MAC }), disks.makeModel(1)];
  const conditions = { seed: 1, devices: 2, policy: 'lowest', access: [style] } as const;
  const machine = new Machine(vbus, conditions, models);
  const guest = machine.guest();
  await guest.boot();
  await guest.loadTransport();
  await guest.loadDriver(virtioNet);
  await guest.loadDriver(virtioBlk);
  const net = await up(guest);
  await machine.settle();
  return { machine, guest, heard, wire, net, place: placeOf(machine) };
}

async function up({ kernel }: MachineGuest): Promise<NetDevice | undefined> {
  const [net] = netDevices(kernel);
  await net?.open();
  return net;
}

/** A frame to the card. */
const FRAME = Uint8Array.of(...MAC, ...new Uint8Array(6), 0x88, 0xb5, ...new Uint8Array(46));

/** What the log says when each answer to a call with this number is this one. */
const REPORTS: readonly (readonly [StyleName, string, (nr: number) => HypercallResult | null, RegExp])[] = [
  [
    'fd',
    'tells of a queue that there is not',
    (nr) => (nr === FD.POLL ? done(1, 9, 1, 5) : null),
    /poll tells of queue 9, which/,
  ],
  ['fd', 'fails a poll', (nr) => (nr === FD.POLL ? failed(5) : null), /poll failed: EIO/],
  ['fd', 'gives no bytes', (nr) => (nr === FD.READV ? done() : null), /input\.0: request \d+ cannot be read/],
  [
    'channel',
    'tells of a queue that there is not',
    (nr) => (nr === CHANNEL_CALL.nr ? done(0, 9, 1, 5) : null),
    /completions of queue 9, which/,
  ],
];

describe('a hostile device', () => {
  for (const [style, what, answer, line] of REPORTS) {
    it(`${style}: is reported when it ${what}`, async () => {
      const { machine, guest, place, wire } = await machineWithCard(style);
      const { port } = guest.guest;
      const honest = port.hypercall.bind(port);
      port.hypercall = (nr, args) => {
        const truth = honest(nr, args);
        return (args[0] === place.handle ? answer(nr) : null) ?? truth;
      };
      wire.send(FRAME);
      await machine.settle();
      const lines = guest.kernel.log.entries.filter(({ text }) => line.test(text));
      expect(lines.length).to.be.greaterThan(0);
    });
  }

  for (const style of ['mmio', 'channel', 'mapped', 'fd'] as const satisfies readonly StyleName[]) {
    it(`${style}: breaks its own queues only, whatever the host says and writes; it works again when bound again`, async () => {
      const property = fc.asyncProperty(
        fc.array(lie, { minLength: 1, maxLength: 12 }),
        fc.array(step, { maxLength: 25 }),
        async (lies, steps) => {
          const { machine, guest, heard, net, place } = await machineWithCard(style);
          const tell = lieAbout(guest.guest.port, place, lies);
          for (const one of steps) {
            if (one.op === 'interrupt')
              for (let i = 0; i < one.times; i += 1) guest.guest.interrupt(VECTOR.DEVICES, BigInt(place.value ?? 0));
            else if (one.op === 'bytes') corrupt(machine, place, one);
            else if (one.op === 'used') forge(machine, place, one);
            else if (one.op === 'send') await codeOf(() => net?.transmit(FRAME));
            else await machine.settle();
          }
          await machine.settle();
          const disk = guest.device('vbus2');
          expect(disk !== undefined && (await disks.verify(guest, disk, machine.models)), 'the disk beside').to.equal(
            true,
          );
          tell();
          await rebind(guest);
          heard.length = 0;
          const again = await up(guest);
          await machine.settle();
          again?.transmit(FRAME);
          await machine.settle();
          expect(heard.length, 'frames when all is well again').to.equal(1);
          expect(machine.hypervisor.log.errors).to.deep.equal([]);
        },
      );
      await fc.assert(property, { numRuns: 40 });
    });
  }
});
