import { expect } from 'chai';
import {
  Kernel,
  MISC_DYNAMIC_MINOR,
  miscDeregister,
  miscRegister,
  openChrdev,
  World,
  type OpenedFile,
} from '../../lib';
import { rejection } from '../support/errors';

const any = MISC_DYNAMIC_MINOR;

function rig(): Kernel {
  return new Kernel(new World());
}

/** Gives its letter for ever. */
function letter(text: string): OpenedFile {
  return { read: () => new TextEncoder().encode(text), write: (bytes) => bytes.length, release: () => undefined };
}

const code = (body: () => unknown): Promise<string> => rejection(body).then((error) => error.code);

describe('misc devices', () => {
  it('get minor numbers from 127 down, the highest free one first', async () => {
    const kernel = rig();
    const [a, b] = [
      await miscRegister(kernel, { name: 'a', minor: any }),
      await miscRegister(kernel, { name: 'b', minor: any }),
    ];
    expect(a.minor).to.equal(127);
    expect(b.minor).to.equal(126);
    expect(await kernel.fs.readFile('/sys/class/misc/b/uevent', 'utf8')).to.equal('MAJOR=10\nMINOR=126\nDEVNAME=b\n');
    await miscDeregister(a);
    expect((await miscRegister(kernel, { name: 'c', minor: any })).minor).to.equal(127);
  });

  it('are 128 at most: then EBUSY', async () => {
    const kernel = rig();
    for (let i = 0; i < 128; i++) await miscRegister(kernel, { name: `m${String(i)}`, minor: any });
    expect(await code(() => miscRegister(kernel, { name: 'more', minor: any }))).to.equal('EBUSY');
    expect((await miscRegister(kernel, { name: 'fixed', minor: 200 })).minor).to.equal(200);
  });

  it(
    'are refused with EBUSY for a number that another has, and give their number back ' + 'when the name is taken',
    async () => {
      const kernel = rig();
      await miscRegister(kernel, { name: 'a', minor: 144 });
      expect(await code(() => miscRegister(kernel, { name: 'b', minor: 144 }))).to.equal('EBUSY');
      expect(await code(() => miscRegister(kernel, { name: 'a', minor: any }))).to.equal('EEXIST');
      expect((await miscRegister(kernel, { name: 'b', minor: any })).minor).to.equal(127);
    },
  );

  it('are opened by the name of their node until they go; who has one open keeps it', async () => {
    const kernel = rig();
    const dev = await miscRegister(kernel, {
      name: 'x',
      minor: any,
      nodename: 'xyz',
      fops: { open: () => letter('x') },
    });
    const file = await openChrdev(kernel, 'xyz');
    expect(await code(() => openChrdev(kernel, 'x'))).to.equal('ENOENT');
    await miscDeregister(dev);
    expect(await code(() => openChrdev(kernel, 'xyz'))).to.equal('ENOENT');
    expect(await file.read()).to.deep.equal(Uint8Array.of(120));
    await file.close();
  });

  it('lie below their parent, and warn when they are deregistered twice', async () => {
    const kernel = rig();
    const parent = await miscRegister(kernel, { name: 'p', minor: any });
    const dev = await miscRegister(kernel, { name: 'c', minor: any, parent });
    expect(await kernel.fs.readlink('/sys/class/misc/c')).to.equal('../../devices/virtual/misc/p/c');
    await miscDeregister(dev);
    await miscDeregister(dev);
    expect(kernel.warnings).to.equal(1);
  });
});
