/** Small programs of users, by file name. Each prints one line; the check compares it. */
export const CONSUMERS: Readonly<Record<string, string>> = {
  'commonjs.cjs': `
const { Device, Kernel, World } = require('linux-driver-model');
const { vpci } = require('linux-driver-model/buses/vpci');
const { virtioBlk } = require('linux-driver-model/drivers/virtio_blk');
const { FileImage } = require('linux-driver-model/node');
const { fixtures } = require('linux-driver-model/testing');
const kernel = new Kernel(new World());
console.log(kernel.fs.readdir instanceof Function, vpci.bus, virtioBlk.name, typeof FileImage, fixtures.length, Device.name);
`,
  'esm.mts': `
import {
  BlockDevice, ConsoleDevice, ErrnoError, Kernel, NetworkDevice, NetworkHub, World, type DeviceDriver,
} from 'linux-driver-model';
import { ofTree } from 'linux-driver-model/buses/of-tree';
import { ps3AtProbe, type Ps3Fixture } from 'linux-driver-model/buses/ps3-handle';
import { virtioRng } from 'linux-driver-model/drivers/virtio_rng';
import { FileImage } from 'linux-driver-model/node';
import { world, type KitWorld } from 'linux-driver-model/testing';

const drivers: readonly DeviceDriver<never>[] = [virtioRng];
const fixture: Ps3Fixture = ps3AtProbe;
const made: KitWorld = world({
  bus: ofTree,
  devices: [
    new BlockDevice({ name: 'disk0', image: new Uint8Array(512) }),
    new ConsoleDevice({ name: 'console0', ports: [{ console: true }, { name: 'port1' }] }),
    new NetworkDevice({ name: 'net0', hub: new NetworkHub(), mac: null }),
  ],
});
await made.boot();
await made.load(...drivers);
const kernel = new Kernel(new World());
const refused: unknown = await kernel.fs.readdir('/sys/none').catch((error: unknown) => error);
// @ts-expect-error a number is no driver
const wrong: DeviceDriver = 3;
console.log(refused instanceof ErrnoError && refused.code, fixture.strategy, made.bound(virtioRng).length, typeof FileImage, wrong);
`,
  'user.test.mjs': `
import assert from 'node:assert';
import { BlockDevice } from 'linux-driver-model';
import { virtioBlk } from 'linux-driver-model/drivers/virtio_blk';
import { eachBus, expectTrace } from 'linux-driver-model/testing';

describe('in a project of the user', () => {
  eachBus('a disk is bound', async (world) => {
    world.plug(new BlockDevice({ name: 'disk0', image: new Uint8Array(512) }));
    await world.boot();
    await world.load(virtioBlk);
    assert.equal(world.bound(virtioBlk).length, 1);
    expectTrace(world).toContain('probe virtio_blk virtio0 = 0');
  });
});
`,
  'led.cjs': `
const { Device } = require('linux-driver-model');
const bus = { name: 'lab' };
exports.lab = {
  name: 'lab',
  async init(kernel) {
    await kernel.registerBus(bus);
    await new Device(kernel, { name: 'led0', bus, release() {} }).add();
  },
};
exports.led = { name: 'led', bus, probe() {} };
`,
  'led.mjs': `
import { Device } from 'linux-driver-model';
const bus = { name: 'lab' };
export default {
  name: 'lab',
  async init(kernel) {
    await kernel.registerBus(bus);
    await new Device(kernel, { name: 'led0', bus, release() {} }).add();
    await kernel.registerDriver({ name: 'led', bus, probe() {} });
  },
};
`,
  'tsconfig.json': JSON.stringify({
    compilerOptions: { target: 'es2022', lib: ['es2023'], module: 'nodenext', strict: true, types: [], outDir: '.' },
    files: ['esm.mts', 'globals.d.ts'],
  }),
  'globals.d.ts': 'declare const console: { log(...what: unknown[]): void };\n',
  'package.json': JSON.stringify({ name: 'consumer', version: '1.0.0', private: true }),
};

/** What the programs print. */
export const PRINTED: Readonly<Record<string, string>> = {
  'commonjs.cjs': 'true vpci virtio_blk function 10 Device',
  'esm.mjs': 'ENOENT at-probe 0 function 3',
};

/** Files for `ldm why --load`: in each, led binds led0. */
export const LOADED: readonly string[] = ['led.cjs', 'led.mjs'];
