/**
 * PCI as the mail's first way of probing: a limited space of numbers, each of which is probed. Naming costs reads and
 * claims nothing.
 *
 * @module linux-driver-model/buses/vpci
 */
import type { HostStyles } from '../../lib/access/styles/host';
import { hostStyles } from '../../lib/access/styles/host-styles';
import type { Kernel } from '../../lib/base/kernel';
import type { DeviceModel, Guest, Hypervisor } from '../../lib/hypervisor';
import { andThen, type MaySleep } from '../../lib/may-sleep';
import type { BusFixture, FixtureOptions, GuestBus, HostBus, Plugged } from '../../lib/machine/fixture';
import { registerVirtioBus } from '../../lib/virtio';
import { bootPci, rescanPci } from './guest/boot';
import type { PciBus } from './guest/device';
import { AccessFunction } from './host/access';
import { PciRootComplex, type RootComplexOptions } from './host/host';
import { VirtioPciFunction } from './host/virtio';
import { virtioAccessDriver } from './virtio/virtio-access';
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
export type { FunctionPlace, PciPlaces } from './host/places';
export { PciFunction, type BarSpec, type FunctionOptions, type MessageOptions } from './host/function';
export { legacyPorts, VirtioPciFunction, type VirtioFunctionOptions } from './host/virtio';

/** Handles of functions that have one are this and a number. */
const FIRST_HANDLE = 0x2_0000;

/** The host half for one hypervisor: a root complex for each guest, made when it is first needed. */
export class VpciHost implements HostBus {
  readonly #complexes = new Map<Guest, PciRootComplex>();
  readonly #styles: HostStyles | null;
  #lastHandle = FIRST_HANDLE;

  constructor(
    readonly hypervisor: Hypervisor,
    readonly options: RootComplexOptions & Pick<FixtureOptions, 'access' | 'accessParam'> = {},
  ) {
    const { access } = options;
    this.#styles = access === undefined ? null : hostStyles(hypervisor, access);
  }

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
    const fn =
      this.#styles === null
        ? new VirtioPciFunction(model, guest, { pin: complex.allocPin(), multifunction })
        : this.#accessFunction(model, guest, this.#styles, multifunction);
    complex.plug(fn, place);
    guest.models.add(model, guest);
    return { unplug: () => complex.unplug(fn, place) };
  }

  #accessFunction(model: DeviceModel, guest: Guest, styles: HostStyles, multifunction: boolean): AccessFunction {
    this.#lastHandle += 1;
    return new AccessFunction(model, guest, this.hypervisor, styles, { handle: this.#lastHandle, multifunction });
  }

  boot(kernel: Kernel, guest: Guest): MaySleep<GuestBus> {
    const { lastBus } = this.complexOf(guest);
    const rescan = (bus: PciBus) => (): MaySleep<void> => rescanPci(bus);
    const transport = this.#styles === null ? virtioPci : virtioAccessDriver(this.options.accessParam ?? 'best');
    const guestBus = (bus: PciBus): GuestBus => ({ busName: 'pci', transport, rescan: rescan(bus) });
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
  install: (hypervisor, options = {}) => new VpciHost(hypervisor, options),
};
