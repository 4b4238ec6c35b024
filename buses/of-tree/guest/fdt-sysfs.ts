import type { Kernel } from '../../../lib/base/kernel';
import { kobjectCreateAndAdd, type Kobject } from '../../../lib/kobject';

/** /sys/firmware. @see drivers/base/firmware.c firmware_init */
export function firmwareKobj(kernel: Kernel): Kobject {
  return kernel.stateOf(makeFirmware);
}

function makeFirmware(kernel: Kernel): Kobject {
  return kobjectCreateAndAdd(kernel, 'firmware', null);
}

/** Shows the blob that the tree was made of as /sys/firmware/fdt. @see drivers/of/fdt.c of_fdt_raw_init */
export function ofFdtRawInit(kernel: Kernel, blob: Uint8Array): void {
  firmwareKobj(kernel).sd?.addBinFile({
    name: 'fdt',
    mode: 0o400,
    size: blob.length,
    read: (_firmware, offset, count) => blob.slice(offset, offset + count),
  });
}
