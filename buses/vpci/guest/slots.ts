import type { Kernel } from '../../../lib/base/kernel';
import { ModuleKobject } from '../../../lib/base/module-kobject';
import { EINVAL } from '../../../lib/errno';
import { Kobject, type KobjType } from '../../../lib/kobject/kobject';
import { kobjectAdd, kobjectDel, kobjectPut } from '../../../lib/kobject/kobject-life';
import { Kset, ksetFindObj, ksetRegister } from '../../../lib/kobject/kset';
import { kobjectUevent } from '../../../lib/kobject/uevent';
import { kstrtoul } from '../../../lib/kstrtox';
import { andThen, type MaySleep } from '../../../lib/may-sleep';
import { attrRo, attrRw, type Attribute } from '../../../lib/sysfs';
import { pciBus } from './bus';
import type { PciBus, PciDevice } from './device';
import { speedCap, speedString } from './pcie-link';
import { lockedRescanRemove } from './rescan-remove';
import { hexDigits } from '../layout';

/** The slots of a kernel, and the module that knows of them. @see drivers/pci/slot.c pci_slots_kset */
interface Slots {
  readonly kset: Kset;
  /** Of acpiphp; made with the first slot. */
  owner: ModuleKobject | null;
}

const slotsState = (kernel: Kernel): Slots => ({ kset: new Kset(kernel), owner: null });

/** The directory of slots. @see drivers/pci/slot.c pci_slot_init */
export function pciSlotInit(kernel: Kernel): number {
  return ksetRegister(kernel.stateOf(slotsState).kset, 'slots', kernel.busOf(pciBus));
}

const slotKtype: KobjType = { name: 'pci_slot_ktype' };

/** A place that devices are plugged into. @see include/linux/pci.h struct pci_slot */
class PciSlot extends Kobject {
  constructor(
    kernel: Kernel,
    readonly bus: PciBus,
    readonly number: number,
  ) {
    super(kernel, slotKtype);
    this.kset = kernel.stateOf(slotsState).kset;
  }

  get occupants(): readonly PciDevice[] {
    return this.bus.devices.filter(({ devfn }) => devfn >> 3 === this.number);
  }

  get isOccupied(): boolean {
    return this.occupants.length > 0;
  }
}

function flag(name: string, of: (slot: PciSlot) => boolean): Attribute<PciSlot> {
  return attrRo<PciSlot>(name, (slot) => `${of(slot) ? '1' : '0'}\n`);
}

/** @see drivers/pci/hotplug/acpiphp_core.c enable_slot, disable_slot */
function powerStore(slot: PciSlot, text: string): MaySleep<number | void> {
  const value = kstrtoul(text.replace(/\n$/, ''), 10);
  if (typeof value === 'number') return -EINVAL;
  const { root } = slot.bus;
  return lockedRescanRemove(root, async () => {
    if (value !== 0n) await root.ops.rescanBus(slot.bus);
    else for (const dev of [...slot.occupants].reverse()) await root.ops.stopAndRemoveBusDevice(dev);
  });
}

function speed({ bus: { self } }: PciSlot): string {
  return `${self === null ? 'Unknown' : speedString(speedCap(self))}\n`;
}

/** @see drivers/pci/slot.c, drivers/pci/hotplug/pci_hotplug_core.c */
const SLOT_ATTRS: readonly Attribute<PciSlot>[] = [
  attrRo<PciSlot>('address', ({ bus, number }) => `0000:${hexDigits(bus.number, 2)}:${hexDigits(number, 2)}\n`),
  attrRo<PciSlot>('max_bus_speed', speed),
  attrRo<PciSlot>('cur_bus_speed', speed),
  attrRw<PciSlot>('power', ({ isOccupied }) => `${isOccupied ? '1' : '0'}\n`, powerStore),
  attrRw<PciSlot>(
    'attention',
    () => -EINVAL,
    () => -EINVAL,
  ),
  flag('latch', ({ isOccupied }) => !isOccupied),
  flag('adapter', ({ isOccupied }) => isOccupied),
];

/** The slots of the buses that have some. */
const slotsOfBuses = (): Map<PciBus, PciSlot[]> => new Map();

/** The firmware numbers slots behind each bridge from 0 on; of equal names the later get a number. */
function freeName(kset: Kset, wanted: string): string {
  for (let name = wanted, next = 2; ; name = `${wanted}-${String(next++)}`) {
    const taken = ksetFindObj(kset, name);
    if (taken === null) return name;
    kobjectPut(taken);
  }
}

function ownerOf(kernel: Kernel, slots: Slots): ModuleKobject {
  if (slots.owner !== null) return slots.owner;
  slots.owner = new ModuleKobject(kernel);
  kobjectAdd(slots.owner, null, 'acpiphp');
  return slots.owner;
}

/** Slots that the firmware's tables have behind a bridge. @see acpiphp_glue.c acpiphp_enumerate_slots */
export function addSlots(bus: PciBus): void {
  const numbers = new Set((bus.self?.acpi?.nodes ?? []).map(({ adr }) => (adr ?? 0) >> 16));
  if (numbers.size === 0) return;
  const kernel = bus.kernel;
  const slots = kernel.stateOf(slotsState);
  const made = [...numbers].map((number) => {
    const slot = new PciSlot(kernel, bus, number);
    const name = freeName(slots.kset, String(number));
    if (kobjectAdd(slot, null, name) !== 0) return slot;
    for (const attr of SLOT_ATTRS) slot.sd?.addFile(attr);
    slot.sd?.addLink('module', ownerOf(kernel, slots).sd);
    kobjectUevent(slot, 'add');
    kernel.log.info(`acpiphp: Slot [${name}] registered`);
    return slot;
  });
  kernel.stateOf(slotsOfBuses).set(bus, made);
}

/** The slots of a bus go, before it goes. @see acpiphp_glue.c acpiphp_remove_slots */
export function removeSlots(bus: PciBus): MaySleep<void> {
  const all = bus.kernel.stateOf(slotsOfBuses);
  const [slot] = all.get(bus) ?? [];
  if (slot === undefined) {
    all.delete(bus);
    return undefined;
  }
  all.get(bus)?.shift();
  bus.kernel.log.info(`acpiphp: Slot [${String(slot.name)}] unregistered`);
  return andThen(kobjectDel(slot), () => {
    kobjectPut(slot);
    return removeSlots(bus);
  });
}
