import { expect } from 'chai';
import { INTERRUPT, MACHINE, MMIO } from '../../buses/of-tree';
import type { MmioSlot } from '../../buses/of-tree/host/slot';
import { featureBit, FEATURE } from '../../lib/virtio';
import { HeldDevice } from '../support/held-device';
import { OfMachine } from './support';

const VERSION_1 = featureBit(FEATURE.VERSION_1);

/** The registers of a transport as a guest without drivers has them. */
async function slot(model = new HeldDevice([8, 16], 0b101n)) {
  const rig = new OfMachine({ slots: 1 });
  const plugged = rig.plug(model);
  await rig.boot();
  const read = (offset: number, width: 1 | 2 | 4 = 4): number => rig.guest.port.read(MACHINE.SLOT_BASE + offset, width);
  const write = (offset: number, value: number, width: 1 | 2 | 4 = 4): void =>
    rig.guest.port.write(MACHINE.SLOT_BASE + offset, width, value);
  const backend = () => rig.of.host.slots(rig.guest)[0]?.device ?? null;
  const queues = () => (rig.of.host.slots(rig.guest)[0] as MmioSlot).registers.queues;
  const start = (): void => {
    for (const status of [1, 3]) write(MMIO.STATUS, status);
    for (const [select, word] of [
      [0, 0],
      [1, 1],
    ] as const) {
      write(MMIO.DRIVER_FEATURES_SEL, select);
      write(MMIO.DRIVER_FEATURES, word);
    }
    for (const status of [11, 15]) write(MMIO.STATUS, status);
  };
  const interrupts = async (): Promise<number> => {
    await rig.settle();
    return rig.guest.port.counters().interrupts;
  };
  return { rig, model, plugged, read, write, backend, queues, start, interrupts };
}

type Slot = Awaited<ReturnType<typeof slot>>;

const ENDS: readonly (readonly [string, (slot: Slot) => void])[] = [
  ['a reset', ({ write }) => write(MMIO.STATUS, 0)],
  [
    'another device in its place',
    ({ rig, plugged }) => {
      plugged.unplug();
      rig.plug(new HeldDevice([8, 16], 0b101n));
    },
  ],
];

describe('registers of a transport', () => {
  for (const [what, end] of ENDS) {
    it(`select the first word and the first queue after ${what}`, async () => {
      const made = await slot();
      const { read, write } = made;
      write(MMIO.DEVICE_FEATURES_SEL, 1);
      write(MMIO.QUEUE_SEL, 1);
      expect(read(MMIO.DEVICE_FEATURES)).to.equal(1);
      expect(read(MMIO.QUEUE_NUM_MAX)).to.equal(16);
      end(made);
      expect(read(MMIO.DEVICE_FEATURES) & 0b111).to.equal(0b101);
      expect(read(MMIO.QUEUE_NUM_MAX)).to.equal(8);
    });

    it(`keep no feature of the driver after ${what}`, async () => {
      const made = await slot();
      const { write, backend } = made;
      for (const status of [1, 3]) write(MMIO.STATUS, status);
      write(MMIO.DRIVER_FEATURES, 0b101);
      write(MMIO.DRIVER_FEATURES_SEL, 1);
      end(made);
      for (const status of [1, 3]) write(MMIO.STATUS, status);
      write(MMIO.DRIVER_FEATURES, 0b100);
      expect(backend()?.driverFeatures).to.equal(0b100n);
      write(MMIO.DRIVER_FEATURES_SEL, 1);
      write(MMIO.DRIVER_FEATURES, 1);
      expect(backend()?.driverFeatures).to.equal(VERSION_1 | 0b100n);
    });

    it(`have no interrupt pending after ${what}: the next event raises the line`, async () => {
      const made = await slot();
      const { read, start, interrupts, backend } = made;
      start();
      made.model.host?.configChanged();
      expect(read(MMIO.INTERRUPT_STATUS)).to.equal(INTERRUPT.CONFIG);
      end(made);
      expect(read(MMIO.INTERRUPT_STATUS)).to.equal(0);
      const before = await interrupts();
      start();
      (backend()?.model as HeldDevice).host?.configChanged();
      expect(await interrupts()).to.equal(before + 1);
    });

    it(`have no queue ready after ${what}`, async () => {
      const made = await slot();
      const { read, write, start } = made;
      start();
      write(MMIO.QUEUE_NUM, 4);
      write(MMIO.QUEUE_DESC_LOW, 0x1000);
      write(MMIO.QUEUE_DRIVER_LOW, 0x2000);
      write(MMIO.QUEUE_DEVICE_LOW, 0x3000);
      write(MMIO.QUEUE_READY, 1);
      expect(read(MMIO.QUEUE_READY)).to.equal(1);
      end(made);
      expect(read(MMIO.QUEUE_READY)).to.equal(0);
    });
  }

  it('keep the bit of the other event when one is acknowledged, and raise nothing until both are', async () => {
    const { model, read, write, start, interrupts } = await slot();
    start();
    const before = await interrupts();
    model.host?.configChanged();
    write(MMIO.INTERRUPT_ACK, INTERRUPT.QUEUE);
    expect(read(MMIO.INTERRUPT_STATUS)).to.equal(INTERRUPT.CONFIG);
    model.host?.configChanged();
    expect(await interrupts()).to.equal(before + 1);
    write(MMIO.INTERRUPT_ACK, INTERRUPT.CONFIG);
    model.host?.configChanged();
    expect(await interrupts()).to.equal(before + 2);
  });

  it('have no third word of features, and take none', async () => {
    const { read, write, backend } = await slot();
    for (const status of [1, 3]) write(MMIO.STATUS, status);
    for (const select of [2, 3, 0xffff_ffff]) {
      write(MMIO.DEVICE_FEATURES_SEL, select);
      expect(read(MMIO.DEVICE_FEATURES)).to.equal(0);
      write(MMIO.DRIVER_FEATURES_SEL, select);
      write(MMIO.DRIVER_FEATURES, 0xffff_ffff);
    }
    expect(backend()?.driverFeatures).to.equal(0n);
  });

  it('have each half of an address, and take a queue back', async () => {
    const { read, write, queues } = await slot();
    write(MMIO.QUEUE_SEL, 1);
    const registers = [MMIO.QUEUE_DESC_LOW, MMIO.QUEUE_DRIVER_LOW, MMIO.QUEUE_DEVICE_LOW];
    registers.forEach((low, i) => {
      write(low + 4, i + 1);
      write(low, 0xf000_0000 + i);
      write(low, 0x1000 * (i + 1));
    });
    write(MMIO.QUEUE_NUM, 4);
    const queue = queues()[1];
    const high = 2 ** 32;
    expect(queue?.desc).to.equal(high + 0x1000);
    expect(queue?.driver).to.equal(2 * high + 0x2000);
    expect(queue?.device).to.equal(3 * high + 0x3000);
    expect(queue?.size).to.equal(4);
    expect(queues()[0]).to.include({ desc: 0, driver: 0, device: 0 });
    write(MMIO.QUEUE_READY, 0xffff_fffe);
    expect(read(MMIO.QUEUE_READY)).to.equal(0);
  });

  it('know no queue behind the last, and no device in an empty place', async () => {
    const { rig, read, write, plugged } = await slot();
    write(MMIO.QUEUE_SEL, 2);
    for (const offset of [MMIO.QUEUE_NUM, MMIO.QUEUE_READY, MMIO.QUEUE_DESC_LOW]) write(offset, 1);
    write(MMIO.QUEUE_NOTIFY, 2);
    expect(read(MMIO.QUEUE_NUM_MAX)).to.equal(0);
    expect(read(MMIO.QUEUE_READY)).to.equal(0);
    expect(rig.hv.log.errors).to.deep.equal([]);
    plugged.unplug();
    expect(read(MMIO.DEVICE_ID)).to.equal(0);
    expect(read(MMIO.STATUS)).to.equal(0);
    expect(read(MMIO.INTERRUPT_STATUS)).to.equal(0);
    expect(read(MMIO.CONFIG, 1)).to.equal(0);
  });

  it('give the configuration little endian in each width, to its last byte', async () => {
    const { model, read, write } = await slot();
    model.bytes.set(Array.from({ length: 16 }, (_, i) => i + 0x80));
    expect(read(MMIO.CONFIG, 1)).to.equal(0x80);
    expect(read(MMIO.CONFIG + 1, 2)).to.equal(0x8281);
    expect(read(MMIO.CONFIG + 12)).to.equal(0x8f8e8d8c);
    const written: [number, number[]][] = [];
    model.writeConfig = (offset, bytes) => void written.push([offset, [...bytes]]);
    write(MMIO.CONFIG + 2, 0x0201, 2);
    write(MMIO.CONFIG + 4, 0x84838281);
    expect(written).to.deep.equal([
      [2, [1, 2]],
      [4, [0x81, 0x82, 0x83, 0x84]],
    ]);
    expect(read(MMIO.CONFIG + 15, 1)).to.equal(0x8f);
    expect(read(MMIO.CONFIG + 16, 1)).to.equal(0xff);
  });

  it('show the number of changes of the configuration', async () => {
    const { model, read } = await slot();
    const before = read(MMIO.CONFIG_GENERATION);
    model.host?.configChanged();
    expect(read(MMIO.CONFIG_GENERATION)).to.equal(before + 1);
  });
});
