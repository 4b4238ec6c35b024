import { Device } from '../../../lib/base/device';
import type { Kernel } from '../../../lib/base/kernel';
import { check, ENODEV, ErrnoError } from '../../../lib/errno';
import { andThen, each, ignoreResult, type MaySleep } from '../../../lib/may-sleep';
import { registerVirtioBus } from '../../../lib/virtio';
import { transportLost } from '../../../lib/virtio/transport-driver';
import { EVENT, VECTOR } from '../layout';
import { Workqueue } from '../../../lib/world/workqueue';
import { listedDevices, nextDevice, VbusDevice, vbusType, type Listed } from './bus';

/** Events are followed one after the other. */
const vbusWq = (kernel: Kernel): Workqueue => new Workqueue(kernel.world, 'vbus', kernel);

/**
 * Registers the bus, its root device and its interrupt, and scans.
 *
 * @returns the root device
 * @throws ErrnoError ENODEV without a hypervisor, EEXIST or EBUSY when the kernel has this bus already
 */
export async function bootBus(kernel: Kernel): Promise<Device> {
  if (kernel.port === null) throw new ErrnoError(ENODEV, { syscall: 'vbus_init' });
  const root = new Device(kernel, { name: 'vbus', release: () => undefined });
  await root.register();
  await kernel.registerBus(vbusType);
  await registerVirtioBus(kernel);
  const interrupt = (value: bigint): void => handleEvent(root, Number(value));
  check(kernel.irq.request(VECTOR.BUS, interrupt, vbusType.name), 'request_irq', vbusType.name);
  await scan(root);
  return root;
}

/** Adds devices that are new; those that the host does not list any more go. */
export function scan(root: Device): MaySleep<void> {
  const { kernel } = root;
  const body = async (): Promise<void> => {
    const listed = new Map([...listedDevices(kernel)].map((one) => [one.id, one]));
    for (const dev of [...(kernel.busOf(vbusType)?.devices() ?? [])] as VbusDevice[]) {
      if (!listed.has(dev.vbusId)) await removeDevice(dev);
    }
    await each([...listed.values()], (one) => addDevice(root, one));
  };
  return kernel.world.run(body, 'vbus_scan', kernel);
}

/** The devices of a kernel, by id. */
const vbusDevices = (): Map<number, VbusDevice> => new Map();

function findDevice({ kernel }: Device, id: number): VbusDevice | null {
  return kernel.stateOf(vbusDevices).get(id) ?? null;
}

function addDevice(root: Device, listed: Listed): MaySleep<void> {
  if (findDevice(root, listed.id) !== null) return undefined;
  const { kernel } = root;
  const devices = kernel.stateOf(vbusDevices);
  const dev = new VbusDevice(kernel, listed, root);
  devices.set(listed.id, dev);
  return andThen(kernel.ops.deviceAdd(dev), (error) => {
    if (error === 0) return;
    devices.delete(listed.id);
    dev.put();
  });
}

/** Its id may be another device's as soon as it has left the bus. */
function removeDevice(dev: VbusDevice): MaySleep<void> {
  dev.kernel.stateOf(vbusDevices).delete(dev.vbusId);
  return dev.unregister();
}

/** An interrupt may not sleep: queues of what is gone break at once, a worker does the rest. */
function handleEvent(root: Device, value: number): void {
  const [id, event] = [Math.floor(value / EVENT.KINDS), value % EVENT.KINDS];
  const dev = findDevice(root, id);
  if (event === EVENT.REMOVED && dev !== null) transportLost(dev);
  root.kernel.stateOf(vbusWq).queue({ name: `vbus_event(${String(id)})`, run: () => follow(root, id, event) });
}

function follow(root: Device, id: number, event: number): MaySleep<void> {
  const dev = findDevice(root, id);
  if (event === EVENT.REMOVED) return dev === null ? undefined : removeDevice(dev);
  if (event === EVENT.ADDED) {
    const listed = nextDevice(root.kernel, id - 1);
    return listed?.id === id ? addDevice(root, listed) : undefined;
  }
  const autoprobe = root.kernel.busOf(vbusType)?.driversAutoprobe === true;
  if (event !== EVENT.FREED || dev === null || dev.driver !== null || !autoprobe) return undefined;
  return andThen(dev.kernel.ops.deviceAttach(dev), ignoreResult);
}
