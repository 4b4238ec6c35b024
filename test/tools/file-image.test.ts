import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { vpci } from '../../buses/vpci';
import { virtioBlk } from '../../drivers/virtio_blk';
import { BlockDevice, blockDisk, Hypervisor, Kernel, registerVirtioBus, World } from '../../lib';
import { FileImage } from '../../tools';

describe('FileImage', () => {
  let dir: string;
  let path: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'ldm-'));
    path = join(dir, 'disk.img');
    writeFileSync(path, Buffer.alloc(8 * 512, 'x'));
  });

  afterEach(() => rmSync(dir, { recursive: true }));

  it('is a disk whose sectors a guest reads and writes', async () => {
    const image = new FileImage(path);
    const world = new World();
    const hypervisor = new Hypervisor(world);
    const guest = hypervisor.createGuest();
    const host = vpci.install(hypervisor);
    host.plug(new BlockDevice({ name: 'disk', image, serial: 'F' }), guest);
    const kernel = new Kernel(world, { port: guest.port });
    const bus = await host.boot(kernel, guest);
    await registerVirtioBus(kernel);
    await kernel.registerDriver(bus.transport);
    await kernel.registerDriver(virtioBlk);
    const disk = blockDisk(kernel, 'vda');
    expect(Buffer.from((await disk?.readSectors(7, 1)) ?? []).toString()).to.equal('x'.repeat(512));
    await disk?.writeSectors(2, new Uint8Array(512).fill(0x79));
    await disk?.flush();
    image.close();
    expect(readFileSync(path).subarray(1024, 1536).toString()).to.equal('y'.repeat(512));
    expect(readFileSync(path).length).to.equal(8 * 512);
  });

  it('refuses a file that is not there with ENOENT', () => {
    expect(() => new FileImage(join(dir, 'none')))
      .to.throw()
      .with.property('code', 'ENOENT');
  });
});
