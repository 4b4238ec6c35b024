import { registerPlatformBus } from '../../buses/of-tree';
import {
  bootPci,
  legacyPorts,
  pciePortInit,
  PciFunction,
  VirtioPciFunction,
  VpciHost,
  virtioPci,
  type FunctionPlace,
} from '../../buses/vpci';
import type { Kernel } from '../../lib/base/kernel';
import { driverModule } from '../../lib/module';
import type { Board, BoardParts, HotplugNames, PluggedDevice } from '../board';
import { isVirtio, type DeviceDef, type FunctionDef, type RootPortDef, type VirtioDef } from '../definition';
import { registerNamedDrivers } from '../named-drivers';
import { modelOf } from '../models';
import { helperModule, virtioModule } from '../modules';
import { CHIPSET, configOf, ROOT_PORT, ROOT_PORT_EXPRESS, ROOT_PORT_MSIX, ROOT_PORT_SLOTCAP } from './chipset';
import { configureByFirmware, type FirmwareBar, type FirmwareFunction } from './firmware';
import { lineOfPin, q35Tables } from './tables';
import { pciStub } from './pci-stub';

/** How many messages QEMU gives each kind of device. */
const MESSAGES: Readonly<Record<VirtioDef['type'], number>> = {
  'virtio-blk': 2,
  'virtio-net': 4,
  'virtio-rng': 2,
  'virtio-console': 2,
  'virtio-balloon': 0,
};

interface PluggedFunction extends FirmwareFunction {
  readonly behind: PluggedFunction[] | null;
}

/** It has a button, lights and surprise, and completes no commands. PCI Express 4.0 §7.5.3.9 */
const SLOT_ABILITIES = 0x2007b;
const HEADER_TYPE = 0x0e;
const INTERRUPT_LINE = 0x3c;
/** Registers of a root port, and what they have with a device and without. */
const PORT = Object.freeze({
  LINK_STATUS: ROOT_PORT_EXPRESS + 0x12,
  LINK_OF_DEVICE: 0x0011,
  LINK_OF_PORT: 0x0204,
  SLOT_CONTROL: ROOT_PORT_EXPRESS + 0x18,
  POWER_OFF: 0x0400,
});
const MULTIFUNCTION = 0x80;

const TRANSPORT_CORE = ['virtio_ring', 'virtio_pci_modern_dev', 'virtio_pci_legacy_dev', 'virtio'];

/** A root port of QEMU, which shows in its link and slot whether something is plugged into it. */
class RootPort extends PciFunction {
  /** @see hw/pci/pcie.c pcie_sync_bridge_lnk, pcie_cap_slot_plug_cb */
  setOccupied(isOccupied: boolean): void {
    this.setNumber(PORT.LINK_STATUS, 2, isOccupied ? PORT.LINK_OF_DEVICE : PORT.LINK_OF_PORT);
    if (isOccupied) this.setNumber(PORT.SLOT_CONTROL, 2, this.getNumber(PORT.SLOT_CONTROL, 2) & ~PORT.POWER_OFF);
  }
}

/** QEMU's machine pc-q35-7.2, with ACPI. */
export class X86Board implements Board {
  readonly arch = 'x86_64';
  readonly hasDeviceTree = false;
  readonly core = ['virtio', 'virtio_ring'];
  readonly modules = [
    helperModule('virtio_ring'),
    virtioModule,
    helperModule('virtio_pci_modern_dev'),
    helperModule('virtio_pci_legacy_dev'),
    driverModule(virtioPci, { depends: TRANSPORT_CORE }),
    driverModule(pciStub),
  ];
  readonly atHand = ['pci_stub'];
  readonly #parts: BoardParts;
  readonly #host: VpciHost;
  readonly #root: PluggedFunction[] = [];
  #isRunning = false;
  readonly #ports = new Map<string, PluggedFunction>();

  constructor(parts: BoardParts) {
    this.#parts = parts;
    this.#host = new VpciHost(parts.hypervisor, { lastBus: 255 });
    for (const registers of CHIPSET) {
      const bars = registers.bars.map((bar) => ({ ...bar, prefetchable: false }));
      const { pin, boots = false } = registers;
      const config = configOf(registers);
      const devfn = devfnOf(registers.address);
      this.#add(this.#function(config, bars, pin, devfn), { devfn, bars, pin, boots });
    }
  }

  plug(def: DeviceDef): PluggedDevice {
    const [port = '', slot = ''] = (def.address ?? '').includes(':')
      ? (def.address ?? '').split(':')
      : ['', def.address ?? ''];
    const bridge = port === '' ? null : (this.#ports.get(port) ?? null);
    const devfn = devfnOf(slot);
    const { fn, bars, pin, boots } = this.#make(def);
    if (isVirtio(def) && fn instanceof VirtioPciFunction)
      this.#parts.guest.models.add(fn.backend.model, this.#parts.guest);
    return this.#add(fn, { devfn, bars, pin, boots, ...(bridge === null ? {} : { bridge }) }, def);
  }

  async boot(kernel: Kernel): Promise<void> {
    configureByFirmware(this.#root);
    this.#isRunning = true;
    await bootPci(kernel, this.#host.complexOf(this.#parts.guest).lastBus, q35Tables(this.#root));
    await pciePortInit(kernel);
    await registerPlatformBus(kernel);
    await registerNamedDrivers(kernel, this.#parts.def.drivers);
  }

  whyNotHot(def: DeviceDef, { bus, type }: HotplugNames): string | null {
    if (bus === null || bus === 'pcie.0') return "Error: Bus 'pcie.0' does not support hotplugging";
    if (!this.#ports.has(bus)) return `Error: Bus '${bus}' not found`;
    if (!isVirtio(def)) return `Error: '${type}' is not a valid device model name`;
    return null;
  }

  whyNotOut({ address }: DeviceDef): string | null {
    return address?.includes(':') === true ? null : "Error: Bus 'pcie.0' does not support hotplugging";
  }

  hotPlace(params: ReadonlyMap<string, string>): string | null {
    return `${params.get('bus') ?? ''}:${params.get('addr') ?? '00.0'}`;
  }

  #make(def: DeviceDef): Pick<PluggedFunction, 'fn' | 'bars' | 'pin' | 'boots'> {
    if (def.type === 'pcie-root-port') return this.#rootPort(def);
    if (def.type === 'pci-function') return this.#described(def);
    if (!isVirtio(def)) throw new Error(`${def.type} is no PCI device`);
    const { guest } = this.#parts;
    const model = modelOf(def, this.#parts.modelParts());
    guest.models.check(model);
    const messages = MESSAGES[def.type];
    const { legacy: transitional } = def;
    const express = def.address?.includes(':') === true;
    const options = { pin: this.#lineOf(def), messages, transitional, wholePages: true, express };
    const fn = new VirtioPciFunction(model, guest, options);
    const ports = legacyPorts(model.config().length);
    const bars: FirmwareBar[] = [
      ...(transitional ? [{ index: 0, size: ports, kind: 'io' as const, prefetchable: false }] : []),
      ...(messages > 0 ? [{ index: 1, size: 4096, kind: 'mem32' as const, prefetchable: false }] : []),
      { index: 4, size: 0x4000, kind: 'mem64', prefetchable: true },
    ];
    return { fn, bars, pin: 1, boots: def.type === 'virtio-blk' };
  }

  #rootPort(def: RootPortDef): Pick<PluggedFunction, 'fn' | 'bars' | 'pin' | 'boots'> {
    const config = configOf(ROOT_PORT);
    new DataView(config.buffer).setUint32(ROOT_PORT_SLOTCAP, (def.slot << 19) | SLOT_ABILITIES, true);
    if (this.#isMultifunction(def)) config[HEADER_TYPE] = (config[HEADER_TYPE] ?? 0) | MULTIFUNCTION;
    const messages = { count: 1, cap: ROOT_PORT_MSIX, bar: 0 };
    const fn = new RootPort({ config, pin: this.#lineOf(def), messages });
    return { fn, bars: [{ index: 0, size: 4096, kind: 'mem32', prefetchable: false }], pin: 1, boots: false };
  }

  /** Has the slot more functions than this first one? */
  #isMultifunction({ address, id }: DeviceDef): boolean {
    const [slot, fn] = (address ?? '').split('.');
    return (
      fn === '0' && this.#parts.def.devices.some((other) => other.id !== id && other.address?.split('.')[0] === slot)
    );
  }

  #described(def: FunctionDef): Pick<PluggedFunction, 'fn' | 'bars' | 'pin' | 'boots'> {
    const { bars, pin } = def;
    const config = configOf({ size: 256, bytes: def.registers });
    const view = new DataView(config.buffer);
    view.setUint16(0x00, def.vendor, true);
    view.setUint16(0x02, def.device, true);
    view.setUint32(0x08, def.classCode * 256 + def.revision, true);
    view.setUint16(0x2c, def.subsystemVendor, true);
    view.setUint16(0x2e, def.subsystemDevice, true);
    if (this.#isMultifunction(def)) config[HEADER_TYPE] = MULTIFUNCTION;
    return { fn: this.#function(config, bars, pin, devfnOf(def.address ?? '')), bars, pin, boots: false };
  }

  #function(config: Uint8Array, bars: readonly FirmwareBar[], pin: number, devfn: number): PciFunction {
    return new PciFunction({ config, bars, ...(pin > 0 ? { pin: lineOfPin(devfn >> 3, pin), pinNumber: pin } : {}) });
  }

  /** The line of the first pin of a device; behind a port it is the port's. */
  #lineOf({ address }: DeviceDef): number {
    const port = this.#ports.get(address?.split(':')[0] ?? '');
    return lineOfPin((port?.devfn ?? devfnOf(address ?? '')) >> 3, 1);
  }

  #add(
    fn: PciFunction,
    more: Omit<PluggedFunction, 'fn' | 'behind'> & { bridge?: PluggedFunction },
    def?: DeviceDef,
  ): PluggedDevice {
    const { bridge, ...rest } = more;
    const plugged: PluggedFunction = { ...rest, fn, behind: fn.isBridge ? [] : null };
    const place: FunctionPlace = { devfn: more.devfn, ...(bridge === undefined ? {} : { bridge: bridge.fn }) };
    const complex = this.#host.complexOf(this.#parts.guest);
    complex.plug(fn, place);
    if (this.#isRunning) fn.writeConfig(INTERRUPT_LINE, 1, 0); // The firmware has not seen it.
    if (bridge?.fn instanceof RootPort) bridge.fn.setOccupied(true);
    const siblings = bridge?.behind ?? this.#root;
    siblings.push(plugged);
    if (def !== undefined && fn.isBridge) this.#ports.set(def.id, plugged);
    return {
      unplug: () => {
        siblings.splice(siblings.indexOf(plugged), 1);
        complex.unplug(fn, place);
        if (bridge?.fn instanceof RootPort) bridge.fn.setOccupied(false);
      },
    };
  }
}

function devfnOf(address: string): number {
  const [slot = '', fn = '0'] = address.split('.');
  return Number.parseInt(slot, 16) * 8 + Number(fn);
}
