import { expect } from 'chai';
import { Device } from '../../lib/base/device';
import { Kernel } from '../../lib/base/kernel';
import {
  cdevAdd,
  cdevDel,
  hvcAlloc,
  hvcRemove,
  openChrdev,
  registerChrdev,
  unregisterChrdev,
  type CharFile,
  type HvcConsole,
  type HvOps,
} from '../../lib/subsystems';
import { hvcWinsize } from '../../lib/subsystems/hvc';
import { registerTtyClass } from '../../lib/subsystems/tty';
import { utf8Decode, utf8Encode } from '../../lib/utf8';
import { World } from '../../lib/world';
import { rejection } from '../support/errors';

const EPIPE = 32;
const code = (body: () => unknown): Promise<string> => rejection(body).then((error) => error.code);

/** A console whose other side is two texts. */
async function rig(over: Partial<HvOps> = {}) {
  const kernel = new Kernel(new World());
  const calls: string[] = [];
  const side: { input: Uint8Array; output: string } = { input: new Uint8Array(0), output: '' };
  const ops: HvOps = {
    getChars(count) {
      const taken = side.input.slice(0, count);
      side.input = side.input.slice(count);
      return taken;
    },
    putChars(bytes) {
      side.output += utf8Decode(bytes);
      calls.push(`put ${String(bytes.length)}`);
      return bytes.length;
    },
    notifierAdd() {
      calls.push('add');
      return 0;
    },
    notifierDel: () => void calls.push('del'),
    ...over,
  };
  const hvc = await hvcAlloc(kernel, ops, 10);
  const open = (name = 'hvc0', nonblock = false): Promise<CharFile> =>
    Promise.resolve(openChrdev(kernel, name, { nonblock }));
  return { kernel, ops, hvc, side, calls, open };
}

describe('hvc terminals', () => {
  it('have eight devices from the first console on, which stay', async () => {
    const { kernel, hvc } = await rig();
    const names = [0, 1, 2, 3, 4, 5, 6, 7].map((index) => `hvc${String(index)}`);
    expect(kernel.sysfs.readdir('/sys/class/tty')).to.deep.equal(names);
    expect(kernel.sysfs.readlink('/sys/class/tty/hvc7')).to.equal('../../devices/virtual/tty/hvc7');
    expect(kernel.sysfs.readlink('/sys/dev/char/229:7')).to.equal('../../devices/virtual/tty/hvc7');
    hvcRemove(kernel, hvc);
    expect(kernel.sysfs.readdir('/sys/class/tty')).to.deep.equal(names);
  });

  it('get the lowest free line; behind sixteen they are counted and never again', async () => {
    const { kernel, ops, hvc } = await rig();
    const consoles: HvcConsole[] = [hvc];
    for (let i = 1; i < 18; i += 1) consoles.push(await hvcAlloc(kernel, ops, 10));
    expect(consoles.map(({ index }) => index)).to.deep.equal(Array.from({ length: 18 }, (_, i) => i));
    for (const index of [3, 17]) hvcRemove(kernel, consoles[index]!);
    expect((await hvcAlloc(kernel, ops, 10)).index).to.equal(3);
    expect((await hvcAlloc(kernel, ops, 10)).index).to.equal(18);
    expect(await registerTtyClass(kernel)).to.equal(await registerTtyClass(kernel));
  });

  it('write in pieces, one writer after the other', async () => {
    const puts: string[] = [];
    const { kernel, open } = await rig({
      async putChars(bytes) {
        await kernel.world.sleep(10);
        puts.push(utf8Decode(bytes));
        return bytes.length;
      },
    });
    const file = await open();
    const writes = ['aaaaaaaaaaaaa', 'bbb'].map((text) => kernel.world.spawn(() => file.write(utf8Encode(text))));
    expect(await Promise.all(writes)).to.deep.equal([13, 3]);
    expect(puts).to.deep.equal(['aaaaaaaaaa', 'aaa', 'bbb']);
  });

  it('tell the driver of the first opening and of the last closing', async () => {
    const { open, calls } = await rig();
    const [a, b] = [await open(), await open()];
    await a.close();
    expect(calls).to.deep.equal(['add']);
    await b.close();
    expect(calls).to.deep.equal(['add', 'del']);
  });

  it('cannot be opened when the driver refuses, and can the next time', async () => {
    let error = -EPIPE;
    const { open, hvc } = await rig({ notifierAdd: () => error });
    expect(await code(() => open())).to.equal('EPIPE');
    expect(hvc.tty).to.equal(null);
    error = 0;
    await (await open()).close();
  });

  it('take input only while open, and wait for it', async () => {
    const { kernel, open, hvc, side } = await rig();
    side.input = utf8Encode('before ');
    hvc.poll();
    expect(side.input.length).to.equal(7);
    const file = await open();
    expect(utf8Decode(await file.read(3))).to.equal('bef');
    expect(utf8Decode(await file.read())).to.equal('ore ');
    const read = kernel.world.spawn(() => file.read());
    await kernel.world.settle();
    side.input = utf8Encode('a text of more than sixteen bytes');
    hvc.poll();
    expect(utf8Decode(await read)).to.equal('a text of more than sixteen bytes');
    expect(await code(async () => (await open('hvc0', true)).read())).to.equal('EAGAIN');
  });

  it('take no more than a reader has room for, and the rest when he has', async () => {
    const { open, side } = await rig();
    side.input = new Uint8Array(100_000).fill(1);
    const file = await open();
    expect(side.input.length).to.equal(100_000 - 65536);
    let got = 0;
    while (got < 100_000) got += (await file.read(10_000)).length;
    expect(got).to.equal(100_000);
    expect(side.input.length).to.equal(0);
  });

  it('take 128 bytes in an interrupt, and khvcd the rest', async () => {
    const { kernel, open, hvc, side } = await rig();
    const file = await open();
    side.input = new Uint8Array(1000).fill(7);
    expect(hvc.poll()).to.equal(true);
    expect(side.input.length).to.equal(1000 - 128);
    hvc.kick();
    expect(side.input.length).to.equal(1000 - 128);
    await kernel.world.settle();
    expect(side.input.length).to.equal(0);
    expect((await file.read(2000)).length).to.equal(1000);
    side.input = new Uint8Array(100).fill(7);
    expect(hvc.poll()).to.equal(false);
    expect(side.input.length).to.equal(0);
  });

  it('know their size while they are open', async () => {
    const { kernel, open, hvc } = await rig();
    hvc.resize({ rows: 1, cols: 2 });
    expect(hvcWinsize(kernel, 0)).to.equal(null);
    const file = await open();
    hvc.resize({ rows: 3, cols: 4 });
    expect(hvcWinsize(kernel, 0)).to.deep.equal({ rows: 3, cols: 4 });
    await file.close();
    expect(hvcWinsize(kernel, 0)).to.equal(null);
    expect(hvcWinsize(kernel, 5)).to.equal(null);
  });

  describe('hang up', () => {
    it('when the console is taken away: reads end, writes are EIO, opening is ENODEV', async () => {
      const { kernel, open, hvc, calls } = await rig();
      const file = await open();
      const read = kernel.world.spawn(() => file.read());
      await kernel.world.settle();
      hvcRemove(kernel, hvc);
      hvcRemove(kernel, hvc);
      expect((await read).length).to.equal(0);
      expect(await code(() => file.write(utf8Encode('x')))).to.equal('EIO');
      expect(await code(() => open())).to.equal('ENODEV');
      await file.close();
      expect(calls).to.deep.equal(['add', 'del']);
    });

    it('when the other side is gone; the line can be opened anew', async () => {
      let gone = false;
      const { open, hvc } = await rig({ getChars: () => (gone ? -EPIPE : new Uint8Array(0)) });
      const old = await open();
      gone = true;
      hvc.poll();
      expect((await old.read()).length).to.equal(0);
      gone = false;
      const file = await open();
      expect(await file.write(utf8Encode('new'))).to.equal(3);
      await old.close();
      expect(await file.write(utf8Encode('still'))).to.equal(5);
    });

    it('what the other side refuses is refused to the writer', async () => {
      let room = 10;
      const { open } = await rig({
        putChars: (bytes) => (room >= bytes.length ? ((room -= bytes.length), bytes.length) : -5),
      });
      const file = await open();
      expect(await file.write(new Uint8Array(20))).to.equal(10);
      expect(await code(() => file.write(new Uint8Array(1)))).to.equal('EIO');
    });
  });
});

describe('character devices', () => {
  it('get major numbers from 254 down to 234, then from 511 down to 384', () => {
    const kernel = new Kernel(new World());
    const majors = Array.from({ length: 149 }, (_, i) => registerChrdev(kernel, `test${String(i)}`));
    expect(majors[0]).to.equal(254);
    expect(majors[20]).to.equal(234);
    expect(majors[21]).to.equal(511);
    expect(majors[148]).to.equal(384);
    expect(() => registerChrdev(kernel, 'one too many')).to.throw('EBUSY');
    unregisterChrdev(kernel, 240);
    expect(registerChrdev(kernel, 'again')).to.equal(240);
  });

  it('are opened by the name of their node while they are there', async () => {
    const kernel = new Kernel(new World());
    await registerTtyClass(kernel);
    const dev = new Device(kernel, { name: 'odd0', devt: { major: 254, minor: 0 }, release: () => undefined });
    const opened = { read: () => new Uint8Array(1), write: () => -11, release: () => undefined };
    cdevAdd(dev, { open: () => opened });
    expect(await code(() => openChrdev(kernel, 'odd0'))).to.equal('ENXIO');
    await dev.add();
    const file = await openChrdev(kernel, 'odd0');
    expect((await file.read()).length).to.equal(1);
    expect(await code(() => file.write(new Uint8Array(1)))).to.equal('EAGAIN');
    await file.close();
    expect(await code(() => file.close())).to.equal('EBADF');
    cdevDel(dev);
    expect(await code(() => openChrdev(kernel, 'odd0'))).to.equal('ENOENT');
  });
});
