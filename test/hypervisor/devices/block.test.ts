import { expect } from 'chai';
import fc from 'fast-check';
import { ErrnoError } from '../../../lib/errno';
import { BlockDevice, COSTS, type BlockImage, type BlockOptions } from '../../../lib/hypervisor/index';
import { BLK, STATUS, hasFeature } from '../../../lib/virtio/spec';
import { LIVE, BackendMachine } from '../support';
import { thrownBy } from '../../support/errors';

const HEADER = 0x8000;
const DATA = 0x9000;
const RESULT = 0x8100;
const SECTORS = 16;

function pattern(): Uint8Array {
  return Uint8Array.from({ length: SECTORS * BLK.SECTOR }, (_, i) => (i * 7 + (i >> 9)) & 0xff);
}

class Disk extends BackendMachine {
  #slot = 0;

  constructor(options: Partial<BlockOptions> = {}) {
    super(new BlockDevice({ name: 'disk0', image: pattern(), ...options }), { size: 128 });
    this.start();
  }

  /** Sends a request without waiting for it. */
  send(type: number, sector: number | bigint, data: { length: number; write?: boolean } | null): void {
    this.guest.memory.setU32(HEADER, type);
    this.guest.memory.setU64(HEADER + 8, BigInt(sector));
    this.guest.memory.setU8(RESULT, 0xff);
    const middle = data === null ? [] : [{ address: DATA, ...data }];
    this.ring.chain(
      [{ address: HEADER, length: 16 }, ...middle, { address: RESULT, length: 1, write: true }],
      (this.#slot = (this.#slot + 4) % 128),
    );
    this.queue.notify();
  }

  /** Sends a request and gives the device's status byte. */
  async request(type: number, sector: number | bigint, data: { length: number; write?: boolean } | null) {
    this.send(type, sector, data);
    await this.world.advance(COSTS.disk);
    return { status: this.guest.memory.getU8(RESULT), used: this.ring.used()?.length };
  }
}

describe('BlockDevice (VIRTIO 1.2 §5.2)', () => {
  it('shows capacity, block size and segment limit', () => {
    const { backend } = new Disk();
    const view = new DataView(backend.readConfig(0, BLK.CONFIG_BYTES).buffer);
    expect(backend.model.deviceId).to.equal(2);
    expect(view.getBigUint64(0, true)).to.equal(BigInt(SECTORS));
    expect(view.getUint32(12, true)).to.equal(126);
    expect(view.getUint32(20, true)).to.equal(512);
    expect(view.getUint16(34, true)).to.equal(1);
    expect(new BlockDevice({ name: 'd', image: new Uint8Array(1023) }).capacity).to.equal(1);
  });

  it('lets the driver switch its cache only where it offers CONFIG_WCE, and forgets it with a reset', () => {
    const fixed = new Disk().backend;
    fixed.writeConfig(BLK.CONFIG_WCE, Uint8Array.of(1));
    expect(hasFeature(fixed.deviceFeatures, BLK.F_CONFIG_WCE)).to.equal(false);
    expect(fixed.readConfig(BLK.CONFIG_WCE, 1)[0]).to.equal(0);
    const { backend } = new Disk({ configWce: true });
    expect(hasFeature(backend.deviceFeatures, BLK.F_CONFIG_WCE)).to.equal(true);
    expect(backend.readConfig(BLK.CONFIG_WCE, 1)[0]).to.equal(1);
    backend.writeConfig(0, new Uint8Array(BLK.CONFIG_BYTES));
    expect(backend.readConfig(BLK.CONFIG_WCE, 1)[0]).to.equal(0);
    backend.writeConfig(BLK.CONFIG_WCE + 1, Uint8Array.of(1));
    expect(backend.readConfig(BLK.CONFIG_WCE, 1)[0]).to.equal(0);
    backend.reset();
    expect(backend.readConfig(BLK.CONFIG_WCE, 1)[0]).to.equal(1);
  });

  it('offers SEG_MAX, BLK_SIZE and FLUSH, and RO when it is read-only', () => {
    const features = new Disk().backend.deviceFeatures;
    const bits = [BLK.F_SEG_MAX, BLK.F_BLK_SIZE, BLK.F_FLUSH, BLK.F_RO].map((bit) => hasFeature(features, bit));
    expect(bits).to.deep.equal([true, true, true, false]);
    expect(hasFeature(new Disk({ readOnly: true }).backend.deviceFeatures, BLK.F_RO)).to.equal(true);
  });

  it('reads sectors', async () => {
    const disk = new Disk();
    expect(await disk.request(BLK.T_IN, 3, { length: 1024, write: true })).to.deep.equal({ status: 0, used: 1025 });
    expect(disk.guest.memory.read(DATA, 1024)).to.deep.equal(pattern().slice(3 * 512, 5 * 512));
  });

  it('writes sectors into the image', async () => {
    const image = pattern();
    const disk = new Disk({ image });
    disk.guest.memory.write(DATA, new Uint8Array(512).fill(0xab));
    expect(await disk.request(BLK.T_OUT, 15, { length: 512 })).to.deep.equal({ status: 0, used: 1 });
    const expected = pattern().fill(0xab, 15 * 512);
    expect(image).to.deep.equal(expected);
  });

  it('answers after its service time, in order, and counts what it served', async () => {
    const disk = new Disk();
    disk.send(BLK.T_IN, 0, { length: 512, write: true });
    disk.send(BLK.T_FLUSH, 0, null);
    await disk.world.advance(COSTS.disk - 1);
    expect(disk.ring.usedIdx).to.equal(0);
    expect(disk.backend.inFlight).to.equal(2);
    await disk.world.advance(1);
    expect(disk.ring.used()?.id).to.equal(4);
    expect(disk.ring.used()?.id).to.equal(8);
    expect(disk.backend.model.served).to.equal(2);
  });

  it('writes nothing to the image when it is reset before its time', async () => {
    const image = pattern();
    const disk = new Disk({ image });
    disk.send(BLK.T_OUT, 0, { length: 512 });
    disk.backend.status = 0;
    await disk.world.advance(2 * COSTS.disk);
    expect(image).to.deep.equal(pattern());
  });

  it('gives its serial in 20 bytes', async () => {
    const disk = new Disk({ serial: 'SN-1' });
    expect(await disk.request(BLK.T_GET_ID, 0, { length: 20, write: true })).to.deep.equal({ status: 0, used: 21 });
    const id = String.fromCharCode(...disk.guest.memory.read(DATA, 20));
    expect(id).to.equal('SN-1'.padEnd(20, '\0'));
    await disk.request(BLK.T_GET_ID, 0, { length: 2, write: true });
    expect(disk.guest.memory.getU16(DATA)).to.equal(0x4e53);
  });

  it('has its name as serial by default, and refuses a serial that does not fit', async () => {
    const disk = new Disk({ name: 'a-name-of-more-than-20-characters' });
    await disk.request(BLK.T_GET_ID, 0, { length: 20, write: true });
    expect(String.fromCharCode(...disk.guest.memory.read(DATA, 20))).to.equal('a-name-of-more-than-');
    expect(thrownBy(() => new Disk({ serial: 'x'.repeat(21) })).code).to.equal('EINVAL');
    expect(thrownBy(() => new Disk({ serial: 'é' })).code).to.equal('EINVAL');
  });

  it('flushes the image', async () => {
    let flushed = 0;
    const bytes = pattern();
    const image: BlockImage = {
      size: bytes.length,
      read: (offset, length) => bytes.slice(offset, offset + length),
      write: (offset, written) => bytes.set(written, offset),
      flush: () => void (flushed += 1),
    };
    expect((await new Disk({ image }).request(BLK.T_FLUSH, 0, null)).status).to.equal(BLK.S_OK);
    expect(flushed).to.equal(1);
  });

  it('refuses ranges outside, parts of sectors and unknown types', async () => {
    const disk = new Disk();
    const { S_IOERR, S_UNSUPP } = BLK;
    const read = async (sector: number | bigint, length: number) =>
      (await disk.request(BLK.T_IN, sector, { length, write: true })).status;
    expect(await read(16, 512)).to.equal(S_IOERR);
    expect(await read(15, 1024)).to.equal(S_IOERR);
    expect(await read(1n << 60n, 512)).to.equal(S_IOERR);
    expect(await read((1n << 64n) - 1n, 512)).to.equal(S_IOERR);
    expect(await read(0, 100)).to.equal(S_IOERR);
    expect((await disk.request(BLK.T_OUT, 16, { length: 512 })).status).to.equal(S_IOERR);
    expect((await disk.request(BLK.T_OUT, 0, { length: 5 })).status).to.equal(S_IOERR);
    expect((await disk.request(77, 0, null)).status).to.equal(S_UNSUPP);
    expect(disk.backend.status).to.equal(LIVE);
    expect(disk.errors).to.deep.equal([]);
  });

  it('that is read-only refuses writes and keeps its image', async () => {
    const image = pattern();
    const disk = new Disk({ image, readOnly: true });
    expect((await disk.request(BLK.T_OUT, 0, { length: 512 })).status).to.equal(BLK.S_IOERR);
    expect((await disk.request(BLK.T_IN, 0, { length: 512, write: true })).status).to.equal(BLK.S_OK);
    expect(image).to.deep.equal(pattern());
  });

  it('turns an errno of its image into an I/O error, and breaks on anything else', async () => {
    const failing = (error: Error): BlockImage => ({
      size: 4096,
      read: () => {
        throw error;
      },
      write: () => undefined,
    });
    const read = { length: 512, write: true };
    const full = new Disk({ image: failing(new ErrnoError('ENOSPC')) });
    expect((await full.request(BLK.T_IN, 0, read)).status).to.equal(BLK.S_IOERR);
    const node = new Disk({ image: failing(Object.assign(new Error('read'), { code: 'EIO' })) });
    expect((await node.request(BLK.T_IN, 0, read)).status).to.equal(BLK.S_IOERR);
    const broken = new Disk({ image: failing(new Error('defect')) });
    expect(await broken.request(BLK.T_IN, 0, read)).to.deep.equal({ status: 0xff, used: 0 });
    expect(broken.backend.status).to.equal(LIVE | STATUS.DEVICE_NEEDS_RESET);
  });

  it('needs a reset after a request without header or status', () => {
    const disk = new Disk();
    disk.ring.chain([
      { address: HEADER, length: 15 },
      { address: RESULT, length: 1, write: true },
    ]);
    disk.queue.notify();
    expect(disk.backend.status).to.equal(LIVE | STATUS.DEVICE_NEEDS_RESET);
    expect(disk.errors[0]).to.include('disk0: request without header or status');
    const other = new Disk();
    other.ring.chain([{ address: HEADER, length: 16 }]);
    other.queue.notify();
    expect(other.errors[0]).to.include('request without header or status');
  });

  it('keeps what was written and nothing else, whatever is asked', async () => {
    const operation = fc.record({
      type: fc.constantFrom(BLK.T_IN, BLK.T_OUT, BLK.T_FLUSH, BLK.T_GET_ID, 3),
      sector: fc.oneof(fc.nat(SECTORS + 1), fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })),
      length: fc.oneof(
        fc.nat(4).map((n) => n * 512),
        fc.nat(2048),
      ),
      fill: fc.nat(255),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 12 }), async (operations) => {
        const image = pattern();
        const model = pattern();
        const disk = new Disk({ image });
        for (const { type, sector, length, fill } of operations) {
          disk.guest.memory.write(DATA, new Uint8Array(length).fill(fill));
          const { status } = await disk.request(type, sector, { length, write: type !== BLK.T_OUT });
          const inside = length % 512 === 0 && BigInt(sector) * 512n + BigInt(length) <= BigInt(model.length);
          if (type === BLK.T_OUT && inside) model.fill(fill, Number(sector) * 512, Number(sector) * 512 + length);
          if (type === BLK.T_IN || type === BLK.T_OUT) expect(status).to.equal(inside ? BLK.S_OK : BLK.S_IOERR);
          expect(image).to.deep.equal(model);
        }
        expect(disk.backend.status).to.equal(LIVE);
      }),
      { numRuns: 60 },
    );
  });
});
