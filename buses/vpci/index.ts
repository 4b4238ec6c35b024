/**
 * PCI as the mail's first way of probing: a limited space of numbers, each of which is probed. Naming costs reads and
 * claims nothing.
 *
 * @module linux-driver-model/buses/vpci
 */
import type { Kernel } from '../../lib/base/kernel';
import type { DeviceModel, Guest, Hypervisor } from '../../lib/hypervisor';
import { andThen, type MaySleep } from '../../lib/may-sleep';
import type { BusFixture, FixtureOptions, GuestBus, HostBus, Plugged } from '../../lib/machine/fixture';
import { registerVirtioBus } from '../../lib/virtio';
import { bootPci, rescanPci } from './guest/boot';
import type { PciBus } from './guest/device';
import { PciRootComplex, type RootComplexOptions } from './host/host';
import { VirtioPciFunction } from './host/virtio';
import { virtioPci } from './virtio/virtio-pci';

export { bootPci, rescanPci } from './guest/boot';
export type { AcpiNode, PciFirmware, RootWindow } from './guest/firmware';
export { pciePortInit } from './guest/portdrv';
export { pciBus } from './guest/bus';
export { capabilities, findCapability } from './guest/capability';
export { PciBus, PciDevice, type PciDriver, type PciDeviceId, PciHostBridge } from './guest/device';
export { clearMaster, disableDevice, enableDevice, IoMem, iomapRange, setMaster } from './guest/enable';
export { PCI_ANY_ID } from './guest/ids';
export { allocIrqVectors, freeIrq, freeIrqVectors, irqVector, PCI_IRQ, requestIrq } from './guest/irq';
export { allocMsixVectors, freeMsixVectors } from './guest/msi';
export { formatResource, IORESOURCE, RESOURCE, type PciResource } from './guest/resource';
export { deviceIsPresent } from './guest/scan';
export { virtioPci } from './virtio/virtio-pci';
export { VirtioPciTransport } from './virtio/transport';

export { PciRootComplex, type RootComplexOptions } from './host/host';
export type { FunctionPlace } from './host/places';
export { PciFunction, type BarSpec, type FunctionOptions, type MessageOptions } from './host/function';
export { legacyPorts, VirtioPciFunction, type VirtioFunctionOptions } from './host/virtio';

/** The host half for one hypervisor: a root complex for each guest, made when it is first needed. */
export class VpciHost implements HostBus {
  readonly #complexes = new Map<Guest, PciRootComplex>();

  constructor(
    readonly hypervisor: Hypervisor,
    readonly options: RootComplexOptions = {},
  ) {}

  /** The guest's root complex, e.g. to plug functions of one's own. */
  complexOf(guest: Guest): PciRootComplex {
    let complex = this.#complexes.get(guest);
    if (complex === undefined) {
      complex = new PciRootComplex(this.hypervisor, guest, this.options);
      this.#complexes.set(guest, complex);
    }
    return complex;
  }

  /**
   * In the lowest free place by default.
   *
   * @param index from 0, which is device number 1 on bus 0
   * @throws ErrnoError ENOSPC when none is free, EEXIST when it is taken or another device has the model's name, EBUSY
   *   when the model is plugged already, ENOENT when there is no such place, EINVAL for bad queue sizes
   */
  plug(model: DeviceModel, guest: Guest, index?: number): Plugged {
    const complex = this.complexOf(guest);
    const { places } = complex;
    guest.models.check(model);
    const path = `${model.name} of guest ${guest.name}`;
    const place = index === undefined ? places.free(path) : places.at(index, path);
    const multifunction = places.isMultifunction && place.devfn % 8 === 0;
    const fn = new VirtioPciFunction(model, guest, { pin: complex.allocPin(), multifunction });
    complex.plug(fn, place);
    guest.models.add(model, guest);
    return { unplug: () => complex.unplug(fn, place) };
  }

  boot(kernel: Kernel, guest: Guest): MaySleep<GuestBus> {
    const { lastBus } = this.complexOf(guest);
    const rescan = (bus: PciBus) => (): MaySleep<void> => rescanPci(bus);
    const guestBus = (bus: PciBus): GuestBus => ({ busName: 'pci', transport: virtioPci, rescan: rescan(bus) });
    return andThen(registerVirtioBus(kernel), () => andThen(bootPci(kernel, lastBus), guestBus));
  }
}

/** A fixture whose host half gives access to its root complexes. */
export interface VpciFixture extends BusFixture {
  install(hypervisor: Hypervisor, options?: FixtureOptions): VpciHost;
}

/** PCI for tests and comparisons. */
export const vpci: VpciFixture = {
  bus: 'vpci',
  strategy: null,
  ownership: ['private'],
  install: (hypervisor, { places } = {}) => new VpciHost(hypervisor, places === undefined ? {} : { places }),
};
