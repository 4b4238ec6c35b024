import type { IrqHandler } from '../../../lib/access';
import { EBUSY, EINVAL, ENOSPC } from '../../../lib/errno';
import type { PciDevice } from './device';
import { allocMsixVectors, freeMsixVectors, setIntx } from './msi';

/** Kinds of interrupts that a driver can use. @see include/linux/pci.h PCI_IRQ_LEGACY and following */
export const PCI_IRQ = Object.freeze({ LEGACY: 1, MSI: 2, MSIX: 4, ALL_TYPES: 7 });

/**
 * Allocates interrupts of the device: messages if it has them, else its pin, which counts as one.
 *
 * @param min how many it needs, 1 at least
 * @param max how many it can use
 * @param flags bits of {@link PCI_IRQ}, the kinds that the driver can use. MSI is not modelled: -EINVAL
 * @returns how many there are; the last kind's error when there are too few: -ENOSPC when the device has fewer, or when
 *   no kind is wanted, and otherwise as {@link allocMsixVectors}
 * @see drivers/pci/msi/msi.c pci_alloc_irq_vectors_affinity
 */
export function allocIrqVectors(dev: PciDevice, min: number, max: number, flags: number): number {
  let result: number = -ENOSPC;
  if ((flags & PCI_IRQ.MSIX) !== 0) {
    const vectors = allocMsixVectors(dev, max, min);
    if (typeof vectors !== 'number') return vectors.length;
    result = vectors;
  }
  if ((flags & PCI_IRQ.MSI) !== 0) result = -EINVAL;
  if ((flags & PCI_IRQ.LEGACY) === 0 || min !== 1 || dev.irq === 0) return result;
  setIntx(dev, true);
  return 1;
}

/** Undoes {@link allocIrqVectors}; handlers were given up before. @see drivers/pci/msi/msi.c pci_free_irq_vectors */
export function freeIrqVectors(dev: PciDevice): void {
  freeMsixVectors(dev);
}

/**
 * @param nr index of the message; 0 for the pin
 * @returns the interrupt number, or -EINVAL when there is no such vector; 0 for a device without a pin
 * @see drivers/pci/msi/msi.c pci_irq_vector
 */
export function irqVector(dev: PciDevice, nr: number): number {
  if (dev.msix === null) return nr === 0 ? dev.irq : -EINVAL;
  return dev.msix.vectors[nr] ?? -EINVAL;
}

/**
 * Requests a vector of the device: `handler` is called for it from now on. It may not sleep.
 *
 * @param nr as for {@link irqVector}
 * @param name the requester, for listings
 * @returns 0; -EINVAL when there is no such vector, -EBUSY when it has a handler
 * @see drivers/pci/irq.c pci_request_irq
 */
export function requestIrq(dev: PciDevice, nr: number, handler: IrqHandler, name: string): number {
  const vector = irqVector(dev, nr);
  if (vector <= 0) return -EINVAL;
  return dev.msix === null ? requestLine(dev, vector, handler, name) : dev.kernel.irq.request(vector, handler, name);
}

/** The handler is not called any more; without one nothing happens. @see drivers/pci/irq.c pci_free_irq */
export function freeIrq(dev: PciDevice, nr: number): void {
  const vector = irqVector(dev, nr);
  if (dev.msix !== null || freeLine(dev, vector)) dev.kernel.irq.free(vector);
}

/** Handlers of lines that several pins share. @see include/linux/interrupt.h IRQF_SHARED */
const sharedLines = (): Map<number, Map<PciDevice, IrqHandler>> => new Map();

function requestLine(dev: PciDevice, vector: number, handler: IrqHandler, name: string): number {
  const { kernel } = dev;
  const lines = kernel.stateOf(sharedLines);
  const handlers = lines.get(vector) ?? new Map<PciDevice, IrqHandler>();
  if (handlers.has(dev)) return -EBUSY;
  const all: IrqHandler = (value) => {
    for (const each of [...handlers.values()]) each(value);
  };
  const error = handlers.size > 0 ? 0 : kernel.irq.request(vector, all, name);
  if (error !== 0) return error;
  handlers.set(dev, handler);
  lines.set(vector, handlers);
  return 0;
}

/** @returns true when nobody else has the line */
function freeLine(dev: PciDevice, vector: number): boolean {
  const handlers = dev.kernel.stateOf(sharedLines).get(vector);
  handlers?.delete(dev);
  return handlers === undefined || handlers.size === 0;
}
