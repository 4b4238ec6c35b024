import { expect } from 'chai';
import fc from 'fast-check';
import { PciFunction, type BarSpec } from '../../buses/vpci';
import { rejection } from '../support/errors';
import { PciMachine, plainConfig } from './support';

const DIR = '/sys/bus/pci/devices/0000:00:01.0';

/** A ROM of one image: what begins it, where its description is, how long it is, that it is the last. */
function image(sectors: number, last: boolean): number[] {
  const bytes = new Array<number>(sectors * 512).fill(0xee);
  bytes.splice(0, 2, 0x55, 0xaa);
  bytes.splice(0x18, 2, 0x20, 0);
  bytes.splice(0x20, 24, 0x50, 0x43, 0x49, 0x52, ...new Array<number>(20).fill(0));
  bytes.splice(0x2a, 2, 0x18, 0);
  bytes.splice(0x30, 2, sectors, 0);
  bytes[0x35] = last ? 0x80 : 0;
  return bytes;
}

async function withRom(content: readonly number[], size = 0x1000): Promise<PciMachine> {
  const read = (at: number, width: number): number =>
    Array.from({ length: width }, (_, i) => (content[at + i] ?? 0xff) * 256 ** i).reduce((a, b) => a + b, 0);
  const rom: BarSpec = { index: 6, size, kind: 'rom', handlers: { read, write: () => undefined } };
  const rig = new PciMachine();
  rig.plugBytes({ config: plainConfig(), bars: [{ index: 0, size: 0x1000, kind: 'mem32' }, rom] }, 8);
  await rig.boot();
  await rig.echo('1', 'bus/pci/devices/0000:00:01.0/enable');
  return rig;
}

describe('vpci: the file rom', () => {
  it('of a device that does not answer at its addresses cannot be read', async () => {
    const rig = await withRom(image(1, true));
    await rig.echo('0', 'bus/pci/devices/0000:00:01.0/enable');
    rig.device('0000:00:01.0').writeConfig(4, 2, 0);
    await rig.kernel.fs.writeFile(`${DIR}/rom`, '1');
    expect(await rejection(() => rig.kernel.fs.readFile(`${DIR}/rom`, null))).to.include({ code: 'EIO' });
  });

  it('is as long as the register says, and only where there is one', async () => {
    const rig = await withRom(image(1, true), 0x2000);
    const { mode, size } = await rig.kernel.fs.stat(`${DIR}/rom`);
    expect(mode & 0o777).to.equal(0o600);
    expect(size).to.equal(0x2000);
    const without = new PciMachine();
    without.plugBytes({ config: plainConfig() }, 8);
    await without.boot();
    expect(without.exists('bus/pci/devices/0000:00:01.0/rom')).to.equal(false);
  });

  it('gives the images, when a user has allowed it; afterwards the ROM is off again', async () => {
    const content = [...image(2, false), ...image(1, true)];
    const rig = await withRom(content);
    expect(await rejection(() => rig.kernel.fs.readFile(`${DIR}/rom`, null))).to.include({ code: 'EINVAL' });
    await rig.kernel.fs.writeFile(`${DIR}/rom`, '1');
    expect([...(await rig.kernel.fs.readFile(`${DIR}/rom`, null))]).to.deep.equal(content);
    expect(rig.device('0000:00:01.0').readConfig(0x30, 4) & 1).to.equal(0);
    await rig.kernel.fs.writeFile(`${DIR}/rom`, 'off');
    expect(await rejection(() => rig.kernel.fs.readFile(`${DIR}/rom`, null))).to.include({ code: 'EINVAL' });
    expect(await rejection(() => rig.kernel.fs.writeFile(`${DIR}/rom`, 'maybe'))).to.include({ code: 'EINVAL' });
  });

  it('says what was no image; what came before is given', async () => {
    const rig = await withRom([0x12, 0x34]);
    await rig.kernel.fs.writeFile(`${DIR}/rom`, 'y');
    expect(await rejection(() => rig.kernel.fs.readFile(`${DIR}/rom`, null))).to.include({ code: 'EIO' });
    const wrong = 'Invalid PCI ROM header signature: expecting 0xaa55, got 0x3412';
    expect(rig.log).to.include(`pci 0000:00:01.0: ${wrong}`);
    const open = await withRom(image(1, false));
    await open.kernel.fs.writeFile(`${DIR}/rom`, '1');
    expect((await open.kernel.fs.readFile(`${DIR}/rom`, null)).length).to.equal(512);
    expect(open.log).to.include('pci 0000:00:01.0: No more images in PCI ROM');
  });

  it('whatever the ROM holds: bytes of it or EIO, never beyond its end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(0, 1, 0x18, 0x55, 0xaa, 0xff), { maxLength: 64 }), async (noise) => {
        const content = image(1, false);
        content.splice(0x18, noise.length, ...noise);
        const rig = await withRom(content, 0x800);
        await rig.kernel.fs.writeFile(`${DIR}/rom`, '1');
        const read: unknown = await rig.kernel.fs.readFile(`${DIR}/rom`, null).catch((error: unknown) => error);
        if (read instanceof Uint8Array) expect(read.length).to.be.lessThanOrEqual(0x800);
        else expect(read).to.include({ code: 'EIO' });
      }),
      { numRuns: 30 },
    );
  });
});

/** A function that answers through the registers of vital product data, at 0x40. */
class VpdFunction extends PciFunction {
  readonly data = new Uint8Array(0x8000);
  silent = false;

  constructor(data: readonly number[]) {
    super({
      config: plainConfig([
        [6, 2, 0x10],
        [0x34, 1, 0x40],
        [0x40, 2, 0x0003],
      ]),
    });
    this.data.set(data);
    this.allow(0x42, 2, 0xffff);
    this.allow(0x44, 4, 0xffff_ffff);
  }

  override writeConfig(offset: number, width: 1 | 2 | 4, value: number): void {
    super.writeConfig(offset, width, value);
    if (offset !== 0x42 || this.silent) return;
    const at = value & 0x7fff;
    if ((value & 0x8000) === 0) this.config.set(this.data.subarray(at, at + 4), 0x44);
    else this.data.set(this.config.subarray(0x44, 0x48), at);
    this.setNumber(0x42, 2, value ^ 0x8000);
  }
}

async function withVpd(data: readonly number[]): Promise<{ rig: PciMachine; fn: VpdFunction }> {
  const fn = new VpdFunction(data);
  const rig = new PciMachine();
  rig.complex.plug(fn, { devfn: 8 });
  await rig.boot();
  return { rig, fn };
}

/** A name of five letters, a read-only part of three bytes, the end. */
const VITAL = [0x82, 5, 0, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x90, 3, 0, 0x52, 0x56, 0, 0x78];

describe('vpci: the file vpd', () => {
  it('has no length of its own, and gives what the tags say is there', async () => {
    const { rig } = await withVpd(VITAL);
    const { mode, size } = await rig.kernel.fs.stat(`${DIR}/vpd`);
    expect(mode & 0o777).to.equal(0o600);
    expect(size).to.equal(0);
    expect([...(await rig.kernel.fs.readFile(`${DIR}/vpd`, null))]).to.deep.equal(VITAL);
  });

  it('takes whole words inside what is there', async () => {
    const { rig, fn } = await withVpd(VITAL);
    const file = rig.kernel.sysfs.open(`${DIR}/vpd`, 'rw');
    const write = (at: number, bytes: number[]) => rig.world.run(() => file.writeBytes(at, Uint8Array.from(bytes)));
    expect(await write(4, [1, 2, 3, 4])).to.equal(4);
    expect([...fn.data.subarray(3, 9)]).to.deep.equal([0x68, 1, 2, 3, 4, 0x90]);
    expect(await write(2, [1, 2, 3, 4])).to.equal(-22);
    expect(await write(4, [1, 2])).to.equal(-22);
    expect(await write(12, [1, 2, 3, 4])).to.equal(-22);
  });

  it('of a card without an EEPROM is ENODEV from the first read on', async () => {
    const { rig } = await withVpd([0xff, 0xff]);
    for (let i = 0; i < 2; i++) {
      expect(await rejection(() => rig.kernel.fs.readFile(`${DIR}/vpd`, null))).to.include({ code: 'ENODEV' });
    }
    const line = 'invalid VPD tag 0xff (size 0) at offset 0; assume missing optional EEPROM';
    expect(rig.log.filter((text) => text === `pci 0000:00:01.0: ${line}`).length).to.equal(1);
  });

  it('of a device that never answers is empty after an eighth of a second, and the log says so', async () => {
    const { rig, fn } = await withVpd(VITAL);
    fn.silent = true;
    const before = rig.world.now;
    expect((await rig.kernel.fs.readFile(`${DIR}/vpd`, null)).length).to.equal(0);
    expect(rig.world.now - before)
      .to.be.greaterThan(125e6)
      .and.lessThan(130e6);
    expect(rig.log.some((text) => text.includes('VPD access failed'))).to.equal(true);
  });

  it('whatever the tags say: the file ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 40 }), async (data) => {
        const { rig } = await withVpd([...data]);
        const read: unknown = await rig.kernel.fs.readFile(`${DIR}/vpd`, null).catch((error: unknown) => error);
        if (read instanceof Uint8Array) expect(read.length).to.be.lessThanOrEqual(0x8003);
        else expect(read).to.include({ code: 'ENODEV' });
      }),
      { numRuns: 12 },
    );
  });
});
