import { Device } from '../../../lib/base/device';
import type { Kernel } from '../../../lib/base/kernel';
import { check, ENODEV, ErrnoError } from '../../../lib/errno';
import { andThen, type MayNotSleep, type MaySleep } from '../../../lib/may-sleep';
import { Workqueue } from '../../../lib/world';
import { ps3SystemBus } from './bus';
import { Ps3Device, type Ps3DeviceInit } from './device';
import { HANDLE_VECTOR } from '../layout';
import { Lv1 } from './lv1';
import type { Ps3Strategy } from './strategies/strategy';

/**
 * What one kernel keeps of this bus: its hypercalls, the root device, and the interrupt handler of each handle.
 *
 * @see arch/powerpc/platforms/ps3/system-bus.c ps3_system_bus_init
 */
export class Ps3System {
  readonly lv1: Lv1;
  /** /sys/devices/ps3_system */
  readonly root: Device;
  /** For work of an interrupt handler that may sleep. */
  readonly workqueue: Workqueue;
  readonly #listeners = new Map<number, () => MayNotSleep>();
  #strayInterrupts = 0;

  /** @throws ErrnoError ENODEV for a kernel without a hypervisor */
  constructor(
    readonly kernel: Kernel,
    readonly strategy: Ps3Strategy,
  ) {
    if (kernel.port === null) throw new ErrnoError(ENODEV, { syscall: 'ps3_system_bus_init' });
    this.workqueue = new Workqueue(kernel.world, 'ps3_system_bus', kernel);
    this.lv1 = new Lv1(kernel.port, kernel.log);
    this.root = new Device(kernel, { name: 'ps3_system', release: () => undefined });
  }

  /** Interrupts for a handle without a handler: of devices that were released meanwhile. */
  get strayInterrupts(): number {
    return this.#strayInterrupts;
  }

  /** @throws ErrnoError EBUSY when the interrupt is taken, as it is by this bus itself, EEXIST; nothing is left */
  register(): MaySleep<void> {
    const { irq } = this.kernel;
    const name = ps3SystemBus.name;
    check(
      irq.request(HANDLE_VECTOR, (value) => this.#deliver(value), name),
      'request_irq',
      name,
    );
    return this.#add(this.root, () => irq.free(HANDLE_VECTOR));
  }

  /**
   * Adds a device; the reference of the maker is dropped when that fails.
   *
   * @throws ErrnoError as Device.add
   * @see system-bus.c ps3_system_bus_device_register
   */
  addDevice(init: Ps3DeviceInit): MaySleep<void> {
    return this.#add(new Ps3Device(this, init));
  }

  /** The devices of the bus, in the order of adding. */
  devices(): readonly Ps3Device[] {
    return [...(this.kernel.busOf(ps3SystemBus)?.devices() ?? [])] as Ps3Device[];
  }

  /** Has `entry` called for each interrupt with this handle, in place of an earlier one. It may not sleep. */
  listen(handle: number, entry: () => MayNotSleep): void {
    this.#listeners.set(handle, entry);
  }

  unlisten(handle: number): void {
    this.#listeners.delete(handle);
  }

  #add(dev: Device, undo?: () => void): MaySleep<void> {
    return this.kernel.operate('ps3_system_bus_device_register', dev.name, () =>
      andThen(this.kernel.ops.deviceAdd(dev), (error) => {
        if (error === 0) return 0;
        dev.put();
        undo?.();
        return error;
      }),
    );
  }

  #deliver(value: bigint): MayNotSleep {
    const entry = this.#listeners.get(Number(value));
    if (entry !== undefined) return entry();
    this.#strayInterrupts += 1;
    return undefined;
  }
}
