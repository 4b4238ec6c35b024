import { pciBus, type PciDriver } from '../../buses/vpci';

/** Takes devices that users give it and leaves them alone. @see drivers/pci/pci-stub.c */
export const pciStub: PciDriver = {
  name: 'pci-stub',
  bus: pciBus,
  probe: (dev) => {
    dev.info('claimed by stub');
    return 0;
  },
};
