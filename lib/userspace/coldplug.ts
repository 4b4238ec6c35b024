import type { Kernel } from '../base/kernel';
import { ErrnoError } from '../errno';

/**
 * Repeats the events that were sent before there was a listener: writes an action to the `uevent` file of every device,
 * parents before children and otherwise by name. A device that is removed meanwhile is skipped.
 *
 * It is a process of its own, concurrent with the kernel's tasks: kernel code must not wait for it.
 *
 * @returns the number of files written
 * @see udevadm(8) trigger
 */
export async function coldplug(kernel: Kernel, action = 'add'): Promise<number> {
  return kernel.world.spawn(() => replay(kernel, action), `udevadm trigger --action=${action}`, kernel);
}

async function replay(kernel: Kernel, action: string): Promise<number> {
  let written = 0;
  for (const path of ueventFiles(kernel, '/sys/devices')) if (await isWritten(kernel, path, action)) written++;
  return written;
}

function ueventFiles(kernel: Kernel, dir: string): string[] {
  const names = kernel.sysfs.readdir(dir);
  const kindOf = (name: string): string => kernel.sysfs.stat(`${dir}/${name}`).kind;
  const own = names.includes('uevent') && kindOf('uevent') === 'file' ? [`${dir}/uevent`] : [];
  const below = names.filter((name) => kindOf(name) === 'dir').flatMap((name) => ueventFiles(kernel, `${dir}/${name}`));
  return [...own, ...below];
}

async function isWritten(kernel: Kernel, path: string, action: string): Promise<boolean> {
  try {
    await kernel.fs.writeFile(path, action);
    return true;
  } catch (error) {
    if (error instanceof ErrnoError) return false;
    throw error;
  }
}
