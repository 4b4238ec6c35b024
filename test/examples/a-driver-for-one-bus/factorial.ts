import {
  disableDevice,
  enableDevice,
  iomapRange,
  pciBus,
  type IoMem,
  type PciDevice,
  type PciDriver,
} from '../../../buses/vpci';
import { check, ErrnoError, kstrtoul, type AttributeGroup } from '../../../lib';
import { DEVICE, REG, VENDOR } from './factorial-card';

/** Larger ones do not fit into the register. */
const MAX = 12n;

function registersOf(dev: PciDevice): IoMem {
  return dev.drvdata as IoMem;
}

const files: AttributeGroup<PciDevice> = {
  attrs: [
    {
      name: 'factorial',
      mode: 0o644,
      show: (dev) => `${String(registersOf(dev).read(REG.FACTORIAL, 4))}\n`,
      store(dev, text) {
        const number = kstrtoul(text, 0);
        if (typeof number === 'number') throw new ErrnoError(number);
        if (number > MAX) throw new ErrnoError('EINVAL');
        registersOf(dev).write(REG.NUMBER, 4, Number(number));
      },
    },
  ],
};

export const factorialDriver: PciDriver = {
  name: 'factorial',
  bus: pciBus,
  idTable: [{ vendor: VENDOR, device: DEVICE }],
  devGroups: [files],
  probe(dev) {
    check(enableDevice(dev), 'pci_enable_device', String(dev.name));
    dev.devm.addAction(() => disableDevice(dev), 'pci_disable_device');
    const registers = iomapRange(dev, 0, 0, REG.BYTES);
    if (registers === undefined) throw new ErrnoError('ENXIO');
    dev.drvdata = registers;
  },
};
