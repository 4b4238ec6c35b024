import { expect } from 'chai';
import { ccwBus, channelSubsystemInit, CcwHost, virtioCcw } from '../../buses/ccw';
import { Kernel } from '../../lib/base/kernel';
import { Hypervisor } from '../../lib/hypervisor';
import { initSubsystems } from '../../lib/subsystems';
import { World } from '../../lib/world';
import { PlainUnit } from '../ccw/support';

const VIRTIO = { cuType: 0x3832, cuModel: 2, devType: 0, devModel: 0 };

/** A virtio device over channel programs that starts each of its commands, and never ends one. */
async function silent() {
  const world = new World();
  const hypervisor = new Hypervisor(world);
  const host = new CcwHost(hypervisor);
  const guest = hypervisor.createGuest();
  const unit = new PlainUnit(VIRTIO, () => null);
  host.plugUnit(unit, guest);
  const kernel = new Kernel(world, { name: 'g', port: guest.port });
  await initSubsystems(kernel);
  await channelSubsystemInit(kernel);
  await kernel.registerDriver(virtioCcw);
  return { world, kernel, unit };
}

describe('a ccw device that never answers a command', () => {
  it('is told of as one that cannot be set online, after its command has timed out', async () => {
    const { world, kernel, unit } = await silent();
    await world.advance(60e9);
    expect(unit.seen.length).to.be.greaterThan(0);
    const [cdev] = [...(kernel.busOf(ccwBus)?.devices() ?? [])];
    expect(cdev?.name).to.equal('0.0.0000');
    expect(kernel.log.entries.map(({ text }) => text).join('\n')).to.match(/virtio_ccw 0\.0\.0000: .*-110/);
  });

  it('regression: does not keep its driver from being unregistered', async () => {
    const { world, kernel } = await silent();
    await kernel.busOf(ccwBus)?.findDriver('virtio_ccw')?.unregister();
    expect(kernel.busOf(ccwBus)?.findDriver('virtio_ccw') ?? null).to.equal(null);
    expect(world.now).to.be.lessThan(120e9);
    await kernel.registerDriver(virtioCcw);
    await kernel.busOf(ccwBus)?.findDriver('virtio_ccw')?.unregister();
  });

  it('regression: does not keep the machine from shutting down', async () => {
    const { world, kernel } = await silent();
    await kernel.shutdownDevices();
    expect(world.now).to.be.lessThan(120e9);
  });
});
