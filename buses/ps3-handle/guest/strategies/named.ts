import { Kobject, kobjectAdd, kobjectCreateAndAdd, kobjectPut } from '../../../../lib/kobject';
import { check, EBUSY, EEXIST, EINVAL, ENODEV, EUSERS } from '../../../../lib/errno';
import { cString, kstrtoul } from '../../../../lib/kstrtox';
import { andThen, type MaySleep } from '../../../../lib/may-sleep';
import { attrRo, attrWo, type AttributeGroup } from '../../../../lib/sysfs';
import type { SysfsWrite } from '../../../../lib/machine/fixture';
import type { Ps3Device, Ps3Strategy, Ps3System } from '../device';
import { className } from '../../layout';
import { addHeld, reallocate, unregisterAll } from './handles';
import { deviceName, Names, type PerClass } from './names';

/** Directory of the types, one for each class. */
const TYPES = 'mdev_supported_types';

/** Names that need no thought in a path. */
const GOOD_NAME = /^[A-Za-z0-9][\w.:-]{0,63}$/;

/**
 * The user supplies the name. Each class is a type, a directory in /sys/devices/ps3_system/mdev_supported_types, as
 * mediated devices have it: `available_instances` has the number of unused devices, a name that is written to `create`
 * becomes a device with a handle, and 1 written to the device's `remove` removes it. The handle is released with the
 * device.
 *
 * `create` is refused with EEXIST for a name that is in use, EUSERS when all devices are used, EINVAL for an invalid
 * name. A device binds as on any other bus. The user cannot choose which of the hypervisor's devices it gets, but it
 * keeps it for its life.
 *
 * At boot userspace creates the devices in its configuration files: as many of each class as configured, `blk_00`, ...
 *
 * @see drivers/vfio/mdev/mdev_sysfs.c create_store, drivers/vfio/mdev/mdev_core.c mdev_device_create
 */
export class Named implements Ps3Strategy {
  readonly name = 'named';
  readonly #classes: readonly number[];
  readonly #configured: PerClass;
  readonly #names = new Names();
  readonly #groups: readonly AttributeGroup<Ps3Device>[] = [{ attrs: [attrWo<Ps3Device>('remove', removeStore)] }];
  #published = false;

  /**
   * @param classes VIRTIO device ids of the types
   * @param configured how many devices of each class userspace creates at boot
   */
  constructor(classes: Iterable<number>, configured: PerClass = new Map<number, number>()) {
    this.#classes = [...classes];
    this.#configured = configured;
  }

  /** Publishes the types, which says nothing of devices. */
  scan(system: Ps3System): void {
    if (this.#published) return;
    this.#published = true;
    const { kernel, root } = system;
    const parent = kobjectCreateAndAdd(kernel, TYPES, root);
    for (const classId of this.#classes) {
      const type = new Kobject(kernel, { name: 'mdev_type_ktype', defaultGroups: [this.#typeGroup(system, classId)] });
      const error = kobjectAdd(type, parent, className(classId));
      if (error !== 0) kobjectPut(type);
      check(error, 'mdev_type_add', className(classId));
    }
  }

  /**
   * What a boot script does: it skips existing names, and continues with the next class where there are not enough
   * devices.
   */
  async configure({ kernel }: Ps3System): Promise<void> {
    for (const [classId, count] of this.#configured) {
      const path = createFile(classId);
      for (let i = 0; i < count; i += 1) {
        const written = await kernel.sysfs.open(path, 'w').write(deviceName(classId, i));
        if (written === -EEXIST) continue;
        if (written === -EUSERS || written === -ENODEV) break;
        check(written, 'write', path);
      }
    }
  }

  readonly pm = reallocate;

  /** Of the first type. */
  createWrite(name: string): SysfsWrite | null {
    const [classId] = this.#classes;
    return classId === undefined ? null : { path: createFile(classId), text: name };
  }

  leave(system: Ps3System): Promise<void> {
    return unregisterAll(system.devices());
  }

  #typeGroup(system: Ps3System, classId: number): AttributeGroup<never> {
    return {
      attrs: [
        attrRo('available_instances', () => {
          const unused = system.lv1.countDevices(classId);
          return unused < 0 ? unused : `${String(unused)}\n`;
        }),
        attrWo('create', (_type, text: string) => {
          const name = cString(text).replace(/\n$/, '');
          return andThen(this.#create(system, classId, name), (error) => error || undefined);
        }),
      ],
    };
  }

  #create(system: Ps3System, classId: number, name: string): MaySleep<number> {
    if (!GOOD_NAME.test(name)) return -EINVAL;
    if (!this.#names.reserve(name)) return -EEXIST;
    const handle = system.lv1.allocDevice(classId);
    if (handle >= 0)
      return andThen(addHeld(system, { name, classId, handle, groups: this.#groups }, this.#names), () => 0);
    this.#names.free(name);
    return handle === -EBUSY ? -EUSERS : handle;
  }
}

function createFile(classId: number): string {
  return `/sys/devices/ps3_system/${TYPES}/${className(classId)}/create`;
}

/** The file goes first, so that the call which runs is not waited for. @see mdev_sysfs.c remove_store */
function removeStore(dev: Ps3Device, text: string): MaySleep<number | void> {
  const value = kstrtoul(text, 0);
  if (typeof value === 'number') return -EINVAL;
  return value !== 0n && dev.sd?.removeSelf('remove') === true ? dev.unregister() : undefined;
}
