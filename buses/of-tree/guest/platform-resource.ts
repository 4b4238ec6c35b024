import { devErrProbe } from '../../../lib/base/dev-err-probe';
import { Device, devMessage } from '../../../lib/base/device';
import { EBUSY, EINVAL, ENXIO, EPROBE_DEFER } from '../../../lib/errno';
import { ofIrqGet, ofIrqGetByname } from './irq';
import type { PlatformDevice } from './device';
import { formatResource, iomemResource, IORESOURCE, releaseResource, requestRegion, type Resource } from './resource';

/** The n-th resource of a type. @see drivers/base/platform.c platform_get_resource */
export function platformGetResource(dev: PlatformDevice, type: number, index: number): Resource | null {
  return dev.resources.filter((res) => (res.flags & IORESOURCE.TYPE_BITS) === type)[index] ?? null;
}

/** @see drivers/base/platform.c platform_get_resource_byname */
export function platformGetResourceByname(dev: PlatformDevice, type: number, name: string): Resource | null {
  return dev.resources.find((res) => (res.flags & IORESOURCE.TYPE_BITS) === type && res.name === name) ?? null;
}

/** As {@link platformGetIrq}, without a message. @see drivers/base/platform.c platform_get_irq_optional */
export function platformGetIrqOptional(dev: PlatformDevice, index: number): number {
  if (dev.ofNode !== null) {
    const vector = ofIrqGet(dev.ofNode, index);
    if (vector > 0 || vector === -EPROBE_DEFER) return vector;
  }
  const res = platformGetResource(dev, IORESOURCE.IRQ, index);
  if (res === null) return -ENXIO;
  return res.start === 0n ? noIrq0(dev) : Number(res.start);
}

/**
 * The vector of a device's interrupt. An error is logged by {@link devErrProbe}.
 *
 * @returns -ENXIO when it has none, -EPROBE_DEFER while its controller has no driver
 * @see drivers/base/platform.c platform_get_irq
 */
export function platformGetIrq(dev: PlatformDevice, index: number): number {
  const vector = platformGetIrqOptional(dev, index);
  return vector < 0 ? devErrProbe(dev, vector, `IRQ index ${String(index)} not found`) : vector;
}

/** As {@link platformGetIrqByname}, without a message. @see platform_get_irq_byname_optional */
export function platformGetIrqBynameOptional(dev: PlatformDevice, name: string): number {
  if (dev.ofNode !== null) {
    const vector = ofIrqGetByname(dev.ofNode, name);
    if (vector > 0 || vector === -EPROBE_DEFER) return vector;
  }
  const res = platformGetResourceByname(dev, IORESOURCE.IRQ, name);
  if (res === null) return -ENXIO;
  return res.start === 0n ? noIrq0(dev) : Number(res.start);
}

/** @returns as {@link platformGetIrq} @see drivers/base/platform.c platform_get_irq_byname */
export function platformGetIrqByname(dev: PlatformDevice, name: string): number {
  const vector = platformGetIrqBynameOptional(dev, name);
  return vector < 0 ? devErrProbe(dev, vector, `IRQ ${name} not found`) : vector;
}

function noIrq0(dev: PlatformDevice): number {
  dev.kernel.warn('0 is an invalid IRQ number');
  return -EINVAL;
}

/** How many interrupts a device has; -EPROBE_DEFER. @see drivers/base/platform.c platform_irq_count */
export function platformIrqCount(dev: PlatformDevice): number {
  let count = 0;
  let vector = platformGetIrqOptional(dev, count);
  for (; vector >= 0; vector = platformGetIrqOptional(dev, count)) count += 1;
  return vector === -EPROBE_DEFER ? vector : count;
}

/**
 * Reserves a device's n-th window until the driver is unbound, and returns its address.
 *
 * @returns -EINVAL when there is no such window, -EBUSY when it is in use
 * @see drivers/base/platform.c devm_platform_ioremap_resource
 */
export function devmPlatformIoremapResource(dev: PlatformDevice, index: number): number {
  return devmIoremapResource(dev, platformGetResource(dev, IORESOURCE.MEM, index));
}

/** @see lib/devres.c __devm_ioremap_resource */
export function devmIoremapResource(dev: Device, res: Resource | null): number {
  const refuse = (what: string, error: number): number => {
    dev.kernel.log.err(devMessage(dev, what));
    return error;
  };
  if (res === null || (res.flags & IORESOURCE.TYPE_BITS) !== IORESOURCE.MEM) return refuse('invalid resource', -EINVAL);
  const name = res.name === null ? (dev.name ?? '') : `${dev.name ?? ''} ${res.name}`;
  const region = requestRegion(iomemResource(dev.kernel), res.start, res.end - res.start + 1n, name);
  if (region === null) return refuse(`can't request region for resource ${formatResource(res)}`, -EBUSY);
  dev.devm.addAction(() => releaseResource(region), 'devm_region_release', region);
  if (res.start <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(res.start);
  return refuse(`ioremap failed for resource ${formatResource(res)}`, -EINVAL);
}
