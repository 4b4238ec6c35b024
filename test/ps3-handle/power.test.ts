import { expect } from 'chai';
import {
  Ps3Device,
  ps3AtOnline,
  ps3AtProbe,
  ps3Eager,
  ps3Named,
  ps3Repository,
  type Ps3Fixture,
} from '../../buses/ps3-handle';
import { virtioBlk } from '../../drivers/virtio_blk';
import { BlockDevice } from '../../lib';
import { blockDisks } from '../../lib/subsystems';
import { world, type KitOptions, type KitWorld } from '../support/kit';

const disk = (n: number): BlockDevice =>
  new BlockDevice({ name: `disk${String(n)}`, image: new Uint8Array(512).fill(n) });

/** Two guests, two disks; the first guest has them both, or as many as it gets. */
async function machine(bus: Ps3Fixture, options: KitOptions = {}): Promise<KitWorld<Ps3Fixture>> {
  const made = world({ guests: 2, devices: () => [disk(0), disk(1)], ...options, bus });
  await made.guest().boot();
  await made.guest().loadTransport();
  await made.guest().loadDriver(virtioBlk);
  return made;
}

/** What a guest says of a device that somebody else has. */
const LOST = {
  allow: [/g1: log: err: ps3_virtio \S+: PM: failed to restore: error -(1|16)$/, /lv1_open_device .* failed: EBUSY$/],
};

/** Which disk is behind each name of the first guest. */
async function contents(made: KitWorld<Ps3Fixture>): Promise<Record<string, number>> {
  const seen: Record<string, number> = {};
  for (const found of blockDisks(made.kernel)) seen[String(found.name)] = (await found.readSectors(0, 1))[0] ?? -1;
  return seen;
}

/** The first guest wakes on a host on which the second has taken one device before. */
async function restoreAfterRival(made: KitWorld<Ps3Fixture>): Promise<void> {
  await made.guest().hibernate();
  made.replaceHypervisor();
  const rival = made.guest(1);
  await rival.boot();
  await rival.write(`${rival.busPath}/drivers_autoprobe`, '0');
  await rival.loadTransport();
  await rival.bindFile('bind', rival.deviceNames()[0] ?? '');
  await made.guest().restore();
}

const errors = (made: KitWorld<Ps3Fixture>): string[] =>
  made.kernel.log.entries.filter(({ level }) => level === 'err').map(({ text }) => text);

describe('ps3-handle: system sleep', () => {
  it('a suspend keeps all handles, and says nothing to the hypervisor about them', async () => {
    const made = await machine(ps3AtProbe);
    const before = made.hypervisor.claims.history.length;
    await made.guest().suspend();
    await made.guest().resume();
    expect(made.hypervisor.claims.history.length).to.equal(before);
    expect(await contents(made)).to.deep.equal({ vda: 0, vdb: 1 });
  });

  it('at-probe: another disk comes under a driver that goes on as if nothing had happened', async () => {
    const made = await machine(ps3AtProbe, LOST);
    expect(await contents(made)).to.deep.equal({ vda: 0, vdb: 1 });
    await restoreAfterRival(made);
    expect(await contents(made)).to.deep.equal({ vda: 1 });
    expect(errors(made)).to.deep.equal(['ps3_virtio blk_01: PM: failed to restore: error -16']);
    expect(made.bound(made.bus.transport).map(({ name }) => name)).to.deep.equal(['blk_00']);
    expect(made.kernel.warnings).to.equal(0);
    expect(made.world.oopses.length).to.equal(0);
  });

  it('gives back the handles of the new host, not those of the image', async () => {
    for (const fixture of [ps3AtProbe, ps3AtOnline, ps3Repository]) {
      const made = await machine(fixture, { guests: 1 });
      await made.guest().hibernate();
      made.replaceHypervisor();
      await made.guest().restore();
      expect(made.held).to.equal(2);
      await made.guest().unloadDriver(made.bus.transport);
      expect(fixture.strategy).to.equal(fixture.strategy);
      expect(made.held).to.equal(0);
      expect(made.kernel.warnings).to.equal(0);
    }
    for (const fixture of [ps3Eager, ps3Named]) {
      const made = await machine(fixture, { guests: 1 });
      await made.guest().hibernate();
      made.replaceHypervisor();
      await made.guest().restore();
      await made.guest().leave();
      expect(fixture.strategy).to.equal(fixture.strategy);
      expect(made.held).to.equal(0);
      expect(made.kernel.warnings).to.equal(0);
    }
  });

  it('tells interrupts apart though a new handle is the old one of another device', async () => {
    const made = await machine(ps3AtProbe, { guests: 1 });
    // Bound in another order the handles of the image are 2 and 1, those after the restore 1 and 2.
    for (const name of ['blk_00', 'blk_01']) await made.guest().bindFile('unbind', name);
    for (const name of ['blk_01', 'blk_00']) await made.guest().bindFile('bind', name);
    const handles = (): (number | null)[] =>
      made
        .guest()
        .devices()
        .map((dev) => (dev instanceof Ps3Device ? dev.handle : null));
    expect(handles()).to.deep.equal([4, 3]);
    await made.guest().hibernate();
    made.replaceHypervisor();
    await made.guest().restore();
    expect(handles()).to.deep.equal([1, 2]);
    await made.guest().hibernate();
    made.replaceHypervisor();
    await made.guest().restore();
    expect(Object.keys(await contents(made)).length).to.equal(2);
  });

  it('repository: opens by id what it had; what another guest has opened is lost, and told so', async () => {
    const made = await machine(ps3Repository, LOST);
    await restoreAfterRival(made);
    expect(await contents(made)).to.deep.equal({ vdb: 1 });
    expect(errors(made)).to.deep.equal(['ps3_virtio sb_01: PM: failed to restore: error -1']);
    expect((made.guest().device('sb_01') as Ps3Device).handle).to.equal(null);
  });

  it('eager: a device that cannot be had again has no driver, and goes with the next scan', async () => {
    const made = await machine(ps3Eager, LOST);
    await restoreAfterRival(made);
    expect(made.bound(made.bus.transport)).to.deep.equal([]);
    expect(made.guest().deviceNames()).to.deep.equal(['blk_00', 'blk_01']);
    await made.guest().rescan();
    expect(made.guest().deviceNames()).to.deep.equal([]);
  });

  it('at-online: what cannot be had again is offline, and can go online later', async () => {
    const made = await machine(ps3AtOnline, LOST);
    await restoreAfterRival(made);
    const online = (name: string): Promise<string> =>
      made.fs.readFile(`/sys/bus/ps3_system_bus/devices/${name}/online`, 'utf8');
    expect(await online('blk_00')).to.equal('1\n');
    expect(await online('blk_01')).to.equal('0\n');
    expect(made.bound(made.bus.transport).length).to.equal(2);
    const rival = made.guest(1);
    await rival.bindFile('unbind', rival.deviceNames()[0] ?? '');
    expect(await made.guest().write('/sys/bus/ps3_system_bus/devices/blk_01/online', '1')).to.equal(0);
    expect(await contents(made)).to.deep.equal({ vda: 1, vdb: 0 });
  });

  it('at-online: a device that is offline sleeps without its driver', async () => {
    const made = await machine(ps3AtOnline);
    await made.guest().write('/sys/bus/ps3_system_bus/devices/blk_00/online', '0');
    await made.guest().suspend();
    await made.guest().resume();
    expect(made.held).to.equal(1);
    expect(made.world.oopses.length).to.equal(0);
    expect(made.kernel.warnings).to.equal(0);
  });
});
