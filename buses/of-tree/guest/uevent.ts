import { ENODEV, ENOMEM } from '../../../lib/errno';
import type { UeventEnv } from '../../../lib/kobject';
import { PAGE_SIZE } from '../../../lib/sysfs';
import type { DeviceNode } from './node';

/** What finds the module for a node: name, type, then every compatible string. @see of_device_get_modalias */
export function ofModalias(node: DeviceNode): string {
  const compatible = node.texts('compatible').map((text) => `C${text.replaceAll(' ', '_')}`);
  return `of:N${node.nodeName}T${node.deviceType ?? '(null)'}${compatible.join('')}`;
}

/**
 * The variable is added in two pieces: which costs one byte, and an overflow is logged for the first piece only.
 *
 * @returns -ENODEV without a node, -ENOMEM when it does not fit
 * @see drivers/of/device.c of_device_uevent_modalias
 */
export function ofDeviceUeventModalias(node: DeviceNode | null, env: UeventEnv): number {
  if (node === null) return -ENODEV;
  const modalias = ofModalias(node);
  const [first, whole] = ['MODALIAS='.length, 'MODALIAS=\0'.length + modalias.length];
  return env.hasRoom(whole) || !env.hasRoom(first) ? env.add('MODALIAS', modalias) : -ENOMEM;
}

/** Does it fit the file `modalias`, with newline and NUL? @see drivers/of/device.c of_device_modalias */
export function fitsPage(modalias: string): boolean {
  return modalias.length <= PAGE_SIZE - 2;
}
