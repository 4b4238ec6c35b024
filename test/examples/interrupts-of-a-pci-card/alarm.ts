import {
  allocIrqVectors,
  clearMaster,
  disableDevice,
  enableDevice,
  freeIrq,
  freeIrqVectors,
  iomapRange,
  PCI_IRQ,
  pciBus,
  requestIrq,
  setMaster,
  type IoMem,
  type PciDevice,
  type PciDriver,
} from '../../../buses/vpci';
import { check, ErrnoError, kstrtou32, type AttributeGroup } from '../../../lib';
import { DEVICE, REG, VENDOR } from './alarm-card';

/** A read of a register of a card that was removed. */
const GONE = 0xffff_ffff;

/** The driver's data of one card. */
class Alarm {
  rung = 0;

  constructor(readonly registers: IoMem) {}

  set(microseconds: number): void {
    this.registers.write(REG.DELAY, 4, microseconds);
  }

  /** Stops the card from ringing and clears its status. */
  quiesce(): void {
    this.set(0);
    this.registers.write(REG.STATUS, 4, GONE);
  }

  /** May not sleep. The status is acknowledged, since only then the card deasserts its pin. */
  interrupt(): void {
    const status = this.registers.read(REG.STATUS, 4);
    if (status === 0 || status === GONE) return;
    this.registers.write(REG.STATUS, 4, status);
    this.rung++;
  }
}

function alarmOf(dev: PciDevice): Alarm {
  return dev.drvdata as Alarm;
}

const files: AttributeGroup<PciDevice> = {
  attrs: [
    { name: 'rung', mode: 0o444, show: (dev) => `${String(alarmOf(dev).rung)}\n` },
    {
      name: 'alarm',
      mode: 0o200,
      store(dev, text) {
        const microseconds = kstrtou32(text, 0);
        if (typeof microseconds === 'number') throw new ErrnoError(microseconds);
        alarmOf(dev).set(Number(microseconds));
      },
    },
  ],
};

/** Each resource is registered with devm at once: a later failure releases them in reverse order. */
function probe(dev: PciDevice): void {
  const name = String(dev.name);
  check(enableDevice(dev), 'pci_enable_device', name);
  dev.devm.addAction(() => disableDevice(dev), 'pci_disable_device');
  const registers = iomapRange(dev, 0, 0, REG.BYTES);
  if (registers === undefined) throw new ErrnoError('ENXIO');
  const alarm = new Alarm(registers);
  setMaster(dev);
  dev.devm.addAction(() => clearMaster(dev), 'pci_clear_master');
  check(allocIrqVectors(dev, 1, 1, PCI_IRQ.MSIX | PCI_IRQ.LEGACY), 'pci_alloc_irq_vectors', name);
  dev.devm.addAction(() => freeIrqVectors(dev), 'pci_free_irq_vectors');
  alarm.quiesce();
  check(
    requestIrq(dev, 0, () => alarm.interrupt(), 'alarm'),
    'pci_request_irq',
    name,
  );
  dev.devm.addAction(() => freeIrq(dev, 0), 'pci_free_irq');
  dev.devm.addAction(() => alarm.quiesce(), 'quiesce');
  dev.drvdata = alarm;
}

export const alarmDriver: PciDriver = {
  name: 'alarm',
  bus: pciBus,
  idTable: [{ vendor: VENDOR, device: DEVICE }],
  devGroups: [files],
  probe,
};
