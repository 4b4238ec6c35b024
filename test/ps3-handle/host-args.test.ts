import { expect } from 'chai';
import { COMMAND, LV1, MAX_AREAS } from '../../buses/ps3-handle/layout';
import { errno } from '../../lib/errno';
import type { Crossing } from '../../lib/hypervisor';
import { HeldDevice } from '../support/held-device';
import { Caller, EchoModel, Ps3Machine, RNG } from './support';
import { codeOf, rejection } from '../support/errors';

function started(size = 8) {
  const rig = new Ps3Machine();
  rig.plug(new HeldDevice([size]));
  const g1 = new Caller(rig.guest('g1', 1 << 16));
  const handle = g1.alloc(42);
  return { rig, g1, handle };
}

describe('arguments of a hypercall', () => {
  for (const [value, status] of [
    [RNG, -errno.ENODEV],
    [BigInt(RNG), -errno.ENODEV],
    [0, -errno.ENODEV],
    [-1, -errno.EINVAL],
    [1.5, -errno.EINVAL],
    [Number.NaN, -errno.EINVAL],
    [2 ** 53, -errno.EINVAL],
    [new Uint8Array(1), -errno.EINVAL],
  ] as readonly (readonly [Crossing, number])[]) {
    it(`a number: ${typeof value} ${String(value)}`, () => {
      expect(started().g1.call(LV1.ALLOC_DEVICE, value).status).to.equal(status);
    });
  }

  for (const [value, status] of [
    [0n, 0],
    [(1n << 64n) - 1n, 0],
    [1, 0],
    [1n << 64n, -errno.EINVAL],
    [-1n, -errno.EINVAL],
    [-1, -errno.EINVAL],
    [0.5, -errno.EINVAL],
    [new Uint8Array(8), -errno.EINVAL],
  ] as readonly (readonly [Crossing, number])[]) {
    it(`64 bits: ${typeof value} ${String(value)}`, () => {
      const { g1, handle } = started();
      expect(g1.command(handle, COMMAND.SET_FEATURES, value).status).to.equal(status);
    });
  }

  for (const [count, status] of [
    [MAX_AREAS, 0],
    [MAX_AREAS + 1, -errno.EINVAL],
  ] as const) {
    it(`${String(count)} areas`, () => {
      const { g1, handle } = started(2048);
      g1.start(handle);
      const areas = Array.from({ length: count }, () => [0x1000, 1]).flat();
      expect(g1.command(handle, COMMAND.SUBMIT, 0, 1, 0, ...areas).status).to.equal(status);
    });
  }

  it('a request may be as large as memory, and no larger', () => {
    const { g1, handle } = started();
    g1.start(handle);
    const submit = (...areas: number[]): number => g1.command(handle, COMMAND.SUBMIT, 0, 1, 0, ...areas).status;
    expect(submit(0, 1 << 16)).to.equal(0);
    expect(submit(0, 1 << 16, 0, 1)).to.equal(-errno.EINVAL);
  });
});

describe('the pool of devices', () => {
  it('takes queues of 1 to 32768 places', async () => {
    for (const [size, code] of [
      [0, 'EINVAL'],
      [1, ''],
      [2.5, 'EINVAL'],
      [32768, ''],
      [32769, 'EINVAL'],
      [-1, 'EINVAL'],
    ] as const) {
      expect(await codeOf(() => new Ps3Machine().plug(new HeldDevice([size]))), String(size)).to.equal(code);
    }
  });

  it('lists its devices by id, in whatever order they came', () => {
    const rig = new Ps3Machine();
    for (const place of [4, 0, 2]) rig.bus.host.plug(new EchoModel(`e${String(place)}`), place);
    rig.plug(new EchoModel('next'));
    expect(rig.bus.host.pool.devices.map(({ devId, name }) => [devId, name])).to.deep.equal([
      [1, 'e0'],
      [3, 'e2'],
      [5, 'e4'],
      [6, 'next'],
    ]);
    expect(() => rig.bus.host.plug(new EchoModel('other'), 2)).to.throw('EEXIST');
  });

  it('uses ids again only when all have been used, and then refuses with ENOSPC', async () => {
    const rig = new Ps3Machine();
    const { host } = rig.bus;
    host.plug(new EchoModel('last'), 65_535);
    for (let i = 0; i < 65_535; i++) host.plug(new EchoModel(`e${String(i)}`));
    const { code, message } = await rejection(() => host.plug(new EchoModel('more')));
    expect(code).to.equal('ENOSPC');
    expect(message).to.contain("'more': all 65536 ids of devices are taken");
    expect(rig.hv.log.entries.at(-1)?.message).to.equal(message);
  });

  it('counts what is free of a class, and a device that is gone no more', () => {
    const rig = new Ps3Machine();
    const plugged = rig.plug(new EchoModel('a'));
    rig.plug(new EchoModel('b'));
    const g1 = new Caller(rig.guest('g1'));
    const free = (): unknown => g1.call(LV1.COUNT_DEVICES, RNG).values[0];
    const handle = g1.alloc();
    expect(free()).to.equal(1);
    plugged.unplug();
    expect(g1.free(handle)).to.equal(0);
    expect(free()).to.equal(1);
    expect(rig.bus.host.pool.devices.map(({ name }) => name)).to.deep.equal(['b']);
  });
});
