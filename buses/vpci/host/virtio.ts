import { EPERM } from '../../../lib/errno';
import { VirtioBackend, type BackendEvents, type DeviceModel, type Guest } from '../../../lib/hypervisor';
import type { MmioHandlers } from '../../../lib/hypervisor/mmio';
import type { Width } from '../../../lib/hypervisor/port';
import { DEVICE_ID, FEATURE, featureBit } from '../../../lib/virtio/spec';
import { CommonConfig } from './common';
import { PciFunction, type BarSpec } from './function';
import {
  CAP,
  COMMON,
  EXPRESS,
  EXPRESS_BIT,
  HEADER,
  ISR,
  PCI,
  PM,
  STATUS_CAP_LIST,
  VIRTIO_CAP,
  VIRTIO_PCI,
} from '../layout';

const MSIX_BAR = 1;
const VIRTIO_BAR = 4;
const VIRTIO_BAR_BYTES = 0x4000;
/** Where the structures are in their base register, one page each. */
const AT = Object.freeze({ common: 0, isr: 0x1000, device: 0x2000, notify: 0x3000 });
const REGION = 0x1000;
const NOTIFY_MULTIPLIER = 4;
/** Offsets of the capabilities; the list begins with the last. */
const CAPS = Object.freeze({ common: 0x40, isr: 0x50, device: 0x60, notify: 0x70, pci: 0x84, msix: 0x98 });
/** The same of an endpoint of PCI Express, behind two more capabilities. */
const EXPRESS_CAPS = Object.freeze({ common: 0x84, isr: 0x94, device: 0xa4, notify: 0xb4, pci: 0xc8, msix: 0xdc });
const EXPRESS_AT = 0x40;
const PM_AT = 0x7c;

/** Classes of the functions, without the programming interface. */
const CLASSES: ReadonlyMap<number, number> = new Map([
  [DEVICE_ID.BLOCK, 0x0100],
  [DEVICE_ID.NET, 0x0200],
  [DEVICE_ID.CONSOLE, 0x0780],
]);

/** How a virtio function interrupts. */
export interface VirtioFunctionOptions {
  /** Vector of the pin; 0 for none. */
  readonly pin: number;
  /** How many messages (MSI-X) it has. Default true: one for each queue and one for its configuration. */
  readonly messages?: boolean | number;
  /** It says that its slot may have other functions. Default: it does not. */
  readonly multifunction?: boolean;
  /** It has the ids of the time before VIRTIO 1.0, and ports. VIRTIO 1.2 §4.1.2.3 Default: no. */
  readonly transitional?: boolean;
  /**
   * Each structure has a whole page, and there is one for the device's configuration even if it has none, as in QEMU; a
   * queue can be reset. Default: no.
   */
  readonly wholePages?: boolean;
  /** It is an endpoint of PCI Express, as behind a root port. Default: a conventional function. */
  readonly express?: boolean;
}

/** Device ids of transitional functions by the type of device. VIRTIO 1.2 §4.1.2.1 */
const TRANSITIONAL_IDS: ReadonlyMap<number, number> = new Map([
  [DEVICE_ID.NET, 0x1000],
  [DEVICE_ID.BLOCK, 0x1001],
  [DEVICE_ID.BALLOON, 0x1002],
  [DEVICE_ID.CONSOLE, 0x1003],
  [DEVICE_ID.SCSI, 0x1004],
  [DEVICE_ID.ENTROPY, 0x1005],
]);

/** Bytes of the header in front of the configuration, with messages. VIRTIO 1.2 §4.1.4.10 */
const LEGACY_HEADER = 24;

/** Bytes of the ports of a transitional function. */
export function legacyPorts(configBytes: number): number {
  return 2 ** Math.ceil(Math.log2(LEGACY_HEADER + configBytes));
}

/** A modern virtio device as a PCI function, in front of any device model. VIRTIO 1.2 §4.1 */
export class VirtioPciFunction extends PciFunction {
  readonly backend: VirtioBackend;
  readonly #guest: Guest;
  readonly #common: CommonConfig;
  readonly #window: MmioHandlers;
  readonly #caps: Caps;
  #isr = 0;

  /** @throws ErrnoError EINVAL when the model's queue sizes are no powers of two, or for a device id above 0x3f */
  constructor(model: DeviceModel, guest: Guest, options: VirtioFunctionOptions) {
    const { pin, messages = true, transitional = false, wholePages = false, multifunction = false } = options;
    const express = options.express === true;
    const caps = express ? EXPRESS_CAPS : CAPS;
    const entries = messages === true ? model.queueSizes().length + 1 : Number(messages);
    // Handlers are called after construction only.
    const late: { fn: VirtioPciFunction | null } = { fn: null };
    const window: MmioHandlers = {
      read: (offset, width) => late.fn?.readRegister(offset, width) ?? 0,
      write: (offset, width, value) => late.fn?.writeRegister(offset, width, value),
    };
    const size = VIRTIO_BAR_BYTES;
    const bars: BarSpec[] = [{ index: VIRTIO_BAR, size, kind: 'mem64', prefetchable: true, handlers: window }];
    if (transitional) bars.unshift({ index: 0, size: legacyPorts(model.config().length), kind: 'io' });
    const offered = entries > 0 ? { messages: { count: entries, cap: caps.msix, bar: MSIX_BAR } } : {};
    super({ config: configSpace(model, { transitional, wholePages, multifunction, express }), bars, pin, ...offered });
    late.fn = this;
    this.#guest = guest;
    this.#window = window;
    this.#caps = caps;
    const events: BackendEvents = { interrupt: (kind, queue) => this.#interrupt(kind, queue) };
    const more = wholePages ? featureBit(FEATURE.RING_RESET) : 0n;
    this.backend = new VirtioBackend(model, guest, events, VIRTIO_PCI.LAST - VIRTIO_PCI.MODERN, more);
    this.#common = new CommonConfig(this.backend, () => this.messageCount);
    this.#allowCapabilities();
  }

  override detach(): void {
    super.detach();
    this.backend.unplug();
  }

  override reset(): void {
    super.reset();
    this.#isr = 0;
    this.#common.write(COMMON.DEVICE_STATUS, 1, 0);
  }

  override readConfig(offset: number, width: Width, now: number): number {
    if (offset !== this.#caps.pci + VIRTIO_CAP.EXTRA) return super.readConfig(offset, width, now);
    const at = this.#pciCapOffset(width);
    return at === undefined ? 0 : this.#window.read(at, width);
  }

  override writeConfig(offset: number, width: Width, value: number): void {
    super.writeConfig(offset, width, value);
    if (offset === this.#caps.pci + VIRTIO_CAP.EXTRA) {
      const at = this.#pciCapOffset(width);
      if (at !== undefined) this.#window.write(at, width, value);
    }
  }

  /** For the memory of the base register. */
  readRegister(offset: number, width: Width): number {
    if (offset < AT.isr) return this.#common.read(offset, width);
    if (offset < AT.device) return offset === AT.isr ? this.#takeIsr() : 0;
    if (offset >= AT.notify) return 0;
    const bytes = this.backend.readConfig(offset - AT.device, width);
    return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
  }

  /** For the memory of the base register. */
  writeRegister(offset: number, width: Width, value: number): void {
    if (offset < AT.isr) {
      if (offset === COMMON.DEVICE_STATUS && value === 0) this.#forgetInterrupts();
      this.#common.write(offset, width, value);
    } else if (offset >= AT.notify) this.#notified((offset - AT.notify) / NOTIFY_MULTIPLIER);
    else if (offset >= AT.device) {
      this.backend.writeConfig(
        offset - AT.device,
        Uint8Array.from({ length: width }, (_, i) => value >>> (8 * i)),
      );
    }
  }

  /** A function that may not write to memory cannot serve anything. */
  #notified(queue: number): void {
    const { model, queues } = this.backend;
    if (this.isMaster) {
      queues[queue]?.notify();
      return;
    }
    const what = `device ${model.name}: queue ${String(queue)} notified without bus mastering`;
    this.#guest.log.refuse(this.#guest.name, what, -EPERM);
  }

  #interrupt(kind: 'queue' | 'config', queue: number | undefined): void {
    if (this.messagesEnabled) {
      const entry = kind === 'config' ? this.#common.configVector : this.#common.queueVectors[queue ?? 0];
      if (entry !== undefined) this.sendMessage(entry);
      return;
    }
    this.#isr |= kind === 'config' ? ISR.CONFIG : ISR.QUEUE;
    this.setPin(true);
  }

  /** VIRTIO 1.2 §2.4.1: a device that was reset sends no notification. */
  #forgetInterrupts(): void {
    this.#takeIsr();
    this.forgetMessages();
  }

  /** Reading takes the interrupt back. VIRTIO 1.2 §4.1.4.5 */
  #takeIsr(): number {
    const isr = this.#isr;
    this.#isr = 0;
    this.setPin(false);
    return isr;
  }

  /** Where the PCI access capability points, for an access of that width. VIRTIO 1.2 §4.1.4.9 */
  #pciCapOffset(width: Width): number | undefined {
    const offset = this.getNumber(this.#caps.pci + VIRTIO_CAP.OFFSET, 4);
    const length = this.getNumber(this.#caps.pci + VIRTIO_CAP.LENGTH, 4);
    const bar = this.config[this.#caps.pci + VIRTIO_CAP.BAR];
    return bar === VIRTIO_BAR && length === width && offset + width <= VIRTIO_BAR_BYTES ? offset : undefined;
  }

  #allowCapabilities(): void {
    this.allow(this.#caps.pci + VIRTIO_CAP.BAR, 1, 0xff);
    this.allow(this.#caps.pci + VIRTIO_CAP.OFFSET, 4, 0xffff_ffff);
    this.allow(this.#caps.pci + VIRTIO_CAP.LENGTH, 4, 0xffff_ffff);
  }
}

type Caps = typeof CAPS | typeof EXPRESS_CAPS;

/** What a configuration space is like. */
type ConfigForm = Required<Pick<VirtioFunctionOptions, 'transitional' | 'wholePages' | 'multifunction' | 'express'>>;

/** Header and capabilities at power-on; base registers are empty. */
function configSpace(model: DeviceModel, form: ConfigForm): Uint8Array {
  const { transitional, wholePages, multifunction, express } = form;
  const space = new ConfigSpace(express ? PCI.CFG_EXP_SIZE : PCI.CFG_SIZE);
  const legacyId = transitional ? TRANSITIONAL_IDS.get(model.deviceId) : undefined;
  space.set(PCI.VENDOR_ID, 2, VIRTIO_PCI.VENDOR);
  space.set(PCI.DEVICE_ID, 2, legacyId ?? VIRTIO_PCI.MODERN + model.deviceId);
  space.set(PCI.STATUS, 2, STATUS_CAP_LIST);
  // Revision 1, no programming interface, class. VIRTIO 1.2 §4.1.2.1
  space.set(PCI.REVISION, 4, (CLASSES.get(model.deviceId) ?? 0x00ff) * 0x1_0000 + (legacyId === undefined ? 1 : 0));
  if (multifunction) space.set(PCI.HEADER_TYPE, 1, HEADER.MULTIFUNCTION);
  space.set(PCI.SUBSYSTEM_VENDOR_ID, 2, VIRTIO_PCI.VENDOR);
  space.set(PCI.SUBSYSTEM_ID, 2, legacyId === undefined ? VIRTIO_PCI.SUBSYSTEM : model.deviceId);
  if (express) addExpress(space);
  addCapabilities(
    space,
    express ? EXPRESS_CAPS : CAPS,
    wholePages ? REGION : model.config().length,
    wholePages ? REGION : 0,
  );
  return space.bytes;
}

/** An endpoint that can be reset by itself, one lane of the first generation wide, as QEMU has it. */
function addExpress(space: ConfigSpace): void {
  space.capability(EXPRESS_AT, CAP.EXPRESS, [
    [EXPRESS.FLAGS, 2, 0x0002],
    [EXPRESS.DEVCAP, 4, EXPRESS_BIT.DEVCAP_FLR | 0x8000],
    [EXPRESS.LNKCAP, 4, 0x0411],
    [EXPRESS.LNKSTA, 2, 0x0011],
    [EXPRESS.DEVCAP2, 4, 0x0030_0000],
  ]);
  space.capability(PM_AT, CAP.PM, [[PM.PMC, 2, 0x0003]]);
}

/** @param least bytes of each structure */
function addCapabilities(space: ConfigSpace, caps: Caps, configBytes: number, least: number): void {
  space.virtio(caps.common, VIRTIO_CAP.COMMON, AT.common, Math.max(least, COMMON.BYTES));
  space.virtio(caps.isr, VIRTIO_CAP.ISR, AT.isr, Math.max(least, 1));
  if (configBytes > 0) space.virtio(caps.device, VIRTIO_CAP.DEVICE, AT.device, Math.min(configBytes, REGION));
  space.virtio(caps.notify, VIRTIO_CAP.NOTIFY, AT.notify, REGION, NOTIFY_MULTIPLIER);
  space.virtio(caps.pci, VIRTIO_CAP.PCI, 0, 0, 0);
}

/** Bytes of a configuration space while it is written down. */
class ConfigSpace {
  readonly bytes: Uint8Array;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }

  set(offset: number, width: number, value: number): void {
    for (let i = 0; i < width; i++) this.bytes[offset + i] = Math.floor(value / 256 ** i) % 256;
  }

  /** Puts a capability at the head of the list. */
  capability(at: number, id: number, fields: readonly (readonly [number, number, number])[]): void {
    this.set(at, 1, id);
    this.set(at + 1, 1, this.bytes[PCI.CAPABILITY_LIST] ?? 0);
    this.set(PCI.CAPABILITY_LIST, 1, at);
    for (const [offset, width, value] of fields) this.set(at + offset, width, value);
  }

  /** VIRTIO 1.2 §4.1.4 */
  virtio(at: number, type: number, offset: number, length: number, extra?: number): void {
    const bytes = VIRTIO_CAP.BYTES + (extra === undefined ? 0 : 4);
    const fields: (readonly [number, number, number])[] = [
      [2, 1, bytes],
      [VIRTIO_CAP.CFG_TYPE, 1, type],
      [VIRTIO_CAP.BAR, 1, type === VIRTIO_CAP.PCI ? 0 : VIRTIO_BAR],
      [VIRTIO_CAP.OFFSET, 4, offset],
      [VIRTIO_CAP.LENGTH, 4, length],
    ];
    if (extra !== undefined) fields.push([VIRTIO_CAP.EXTRA, 4, extra]);
    this.capability(at, CAP.VENDOR, fields);
  }
}
