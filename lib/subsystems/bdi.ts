import { Device } from '../base/device';
import type { Kernel } from '../base/kernel';
import type { DeviceClass } from '../base/types';
import { EINVAL } from '../errno';
import { kstrtoul } from '../kstrtox';
import { andThen, type MaySleep } from '../may-sleep';
import { attrRo, attrRw, type Attribute } from '../sysfs/attribute';
import type { BlockDisk } from './gendisk';

const PAGE_KB = 4;

/** What the page cache keeps of a disk. @see include/linux/backing-dev-defs.h struct backing_dev_info */
class BackingDevice extends Device {
  maxRatio = 100;
  minRatio = 0;

  constructor(readonly disk: BlockDisk) {
    const { major, minor } = disk.devt ?? { major: 0, minor: 0 };
    super(disk.kernel, { name: `${String(major)}:${String(minor)}`, class: bdiClass, release: () => undefined });
  }
}

function ratio(
  name: string,
  get: (bdi: BackingDevice) => number,
  set: (bdi: BackingDevice, value: number) => boolean,
): Attribute<BackingDevice> {
  return attrRw<BackingDevice>(
    name,
    (bdi) => `${String(get(bdi))}\n`,
    (bdi, text) => {
      const value = kstrtoul(text, 10);
      return typeof value === 'number' || value > 100n || !set(bdi, Number(value)) ? -EINVAL : undefined;
    },
  );
}

/** @see mm/backing-dev.c bdi_dev_attrs */
const BDI_ATTRS: readonly Attribute<BackingDevice>[] = [
  attrRw<BackingDevice>(
    'read_ahead_kb',
    ({ disk: { settings } }) => `${String(settings.readAheadKb)}\n`,
    ({ disk: { settings } }, text) => {
      const value = kstrtoul(text, 10);
      if (typeof value === 'number') return -EINVAL;
      settings.readAheadKb = Number(value - (value % BigInt(PAGE_KB)));
      return undefined;
    },
  ),
  ratio(
    'min_ratio',
    (bdi) => bdi.minRatio,
    (bdi, value) => {
      if (value > bdi.maxRatio) return false;
      bdi.minRatio = value;
      return true;
    },
  ),
  ratio(
    'max_ratio',
    (bdi) => bdi.maxRatio,
    (bdi, value) => {
      if (value < bdi.minRatio) return false;
      bdi.maxRatio = value;
      return true;
    },
  ),
  attrRo<BackingDevice>('stable_pages_required', () => '0\n'),
];

/** @see mm/backing-dev.c bdi_class_init */
const bdiClass: DeviceClass<BackingDevice> = {
  name: 'bdi',
  devGroups: [{ attrs: BDI_ATTRS }],
  devRelease: () => undefined,
};

/** From now on a disk has a device of its page cache. @see mm/backing-dev.c bdi_class_init */
export function bdiClassInit(kernel: Kernel): MaySleep<unknown> {
  return kernel.registerClass(bdiClass);
}

const devicesOfDisks = (): WeakMap<BlockDisk, BackingDevice> => new WeakMap();

/** In a kernel with page caches. @see mm/backing-dev.c bdi_register */
export function bdiRegister(disk: BlockDisk): MaySleep<void> {
  const kernel = disk.kernel;
  if (kernel.classOf(bdiClass) === null) return undefined;
  const bdi = new BackingDevice(disk);
  return andThen(bdi.add(), () => {
    kernel.stateOf(devicesOfDisks).set(disk, bdi);
    disk.sd?.addLink('bdi', bdi.sd);
  });
}

/** @see mm/backing-dev.c bdi_unregister */
export function bdiUnregister(disk: BlockDisk): MaySleep<void> {
  const devices = disk.kernel.stateOf(devicesOfDisks);
  const bdi = devices.get(disk);
  if (bdi === undefined) return undefined;
  devices.delete(disk);
  void disk.sd?.removeName('bdi');
  return bdi.unregister();
}
