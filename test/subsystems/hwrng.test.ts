import { expect } from 'chai';
import { Kernel } from '../../lib/base/kernel';
import { hwrng, registerHwrng, type HwrngSource } from '../../lib/subsystems';
import { World } from '../../lib/world';
import { rejection } from '../support/errors';

const source = (name: string, quality: number, byte = 0): HwrngSource => ({
  name,
  quality,
  read: (max) => new Uint8Array(max).fill(byte),
});

async function rig(...sources: HwrngSource[]) {
  const kernel = new Kernel(new World());
  const rng = await registerHwrng(kernel);
  for (const it of sources) rng.register(it);
  const read = (name: string): unknown =>
    kernel.world.run(() => kernel.sysfs.open(`/sys/class/misc/hw_random/${name}`, 'r').read());
  const write = (name: string, text: string): unknown =>
    kernel.world.run(() => kernel.sysfs.open(`/sys/class/misc/hw_random/${name}`, 'w').write(text));
  return { kernel, rng, read, write };
}

const code = (body: () => unknown): Promise<string> => rejection(body).then((error) => error.code);

describe('hw_random', () => {
  it('is one misc device with the node hwrng', async () => {
    const { kernel, rng, read } = await rig();
    expect(await registerHwrng(kernel)).to.equal(rng);
    expect(hwrng(kernel)).to.equal(rng);
    expect(kernel.sysfs.readlink('/sys/class/misc/hw_random')).to.equal('../../devices/virtual/misc/hw_random');
    expect(await read('uevent')).to.equal('MAJOR=10\nMINOR=183\nDEVNAME=hwrng\n');
    expect(kernel.sysfs.readdir('/sys/class/misc/hw_random')).to.deep.equal([
      'dev',
      'rng_available',
      'rng_current',
      'rng_quality',
      'rng_selected',
      'subsystem',
      'uevent',
    ]);
  });

  it('without a source refuses to read with ENODEV', async () => {
    const { rng, read } = await rig();
    expect(await code(() => rng.read(1))).to.equal('ENODEV');
    expect(await read('rng_current')).to.equal('none\n');
    expect(await read('rng_available')).to.equal('\n');
    expect(await read('rng_quality')).to.equal(-19);
    expect(await rng.read(0)).to.deep.equal(new Uint8Array(0));
  });

  it('uses the first of the best', async () => {
    const { rng } = await rig(source('a', 10), source('b', 20), source('c', 20));
    expect(rng.current).to.equal('b');
    expect(rng.available).to.deep.equal(['a', 'b', 'c']);
  });

  it('takes no two sources of one name, nor one without', async () => {
    const { rng } = await rig(source('a', 1));
    expect(rng.register(source('a', 5))).to.equal(-17);
    expect(rng.register(source('', 5))).to.equal(-22);
    expect(rng.available).to.deep.equal(['a']);
  });

  it('can be told which source to use, until told to choose again', async () => {
    const { rng, read, write } = await rig(source('a', 10), source('b', 20));
    expect(await write('rng_current', 'a\n')).to.equal(2);
    expect(await read('rng_current')).to.equal('a\n');
    expect(await read('rng_selected')).to.equal('1\n');
    rng.register(source('c', 99));
    expect(rng.current).to.equal('a');
    expect(await write('rng_current', 'nobody')).to.equal(6);
    expect(rng.current).to.equal('a');
    expect(await write('rng_current', '\n')).to.equal(1);
    expect(await read('rng_current')).to.equal('c\n');
    expect(await read('rng_selected')).to.equal('0\n');
  });

  it('chooses anew when a quality changes', async () => {
    const { rng, write } = await rig(source('a', 10), source('b', 20));
    expect(await write('rng_quality', '1025')).to.equal(-22);
    expect(await write('rng_quality', 'x')).to.equal(-22);
    expect(await write('rng_quality', '-1')).to.equal(-22);
    expect(rng.current).to.equal('b');
    expect(await write('rng_quality', '0x5\n')).to.equal(4);
    expect(rng.current).to.equal('a');
    expect(rng.quality).to.equal(10);
  });

  it('regression: reads a quality of two bytes at least, in C notation', async () => {
    const { rng, write } = await rig(source('a', 10));
    expect(await write('rng_quality', '5')).to.equal(-22);
    expect(await write('rng_quality', '08\n')).to.equal(-22);
    expect(rng.quality).to.equal(10);
    expect(await write('rng_quality', '5\n')).to.equal(2);
    expect(rng.quality).to.equal(5);
    expect(await write('rng_quality', '+010')).to.equal(4);
    expect(rng.quality).to.equal(8);
  });

  it('goes on with another source when one leaves', async () => {
    const [a, b] = [source('a', 10, 1), source('b', 20, 2)];
    const { rng } = await rig(a, b);
    expect(await rng.read(64)).to.deep.equal(new Uint8Array(64).fill(2));
    await rng.unregister(b);
    expect(await rng.read(2)).to.deep.equal(new Uint8Array(2).fill(1));
    await rng.unregister(a);
    expect(rng.current).to.equal(null);
  });

  it('waits with unregister for reads that use the source', async () => {
    const { kernel, rng } = await rig();
    const slow: HwrngSource = {
      name: 'slow',
      quality: 1,
      read: (max) => kernel.world.sleep(100).then(() => new Uint8Array(max)),
    };
    rng.register(slow);
    const order: string[] = [];
    const read = kernel.world.spawn(async () => void (await rng.read(8), order.push('read')));
    const gone = kernel.world.spawn(async () => void (await rng.unregister(slow), order.push('unregistered')));
    await Promise.all([read, gone]);
    expect(order).to.deep.equal(['read', 'unregistered']);
  });

  it('gives what came before an error, and the error next time', async () => {
    let reads = 0;
    const { rng } = await rig({ name: 'a', quality: 1, read: (max) => (++reads === 1 ? new Uint8Array(max) : -5) });
    expect((await rng.read(100)).length).to.equal(64);
    expect(await code(() => rng.read(1))).to.equal('EIO');
  });

  it('does not ask for ever a source that gives nothing', async () => {
    const { rng } = await rig({ name: 'a', quality: 1, read: () => new Uint8Array(0) });
    expect(await code(() => rng.read(1))).to.equal('EIO');
  });
});
