import type { PciDevice } from './device';
import { HEADER, PCI, EXPRESS } from '../layout';
import { restoreMsixState } from './msi';
import { changePcie, readPcie } from './pcie';

/** Words of the header, from the front. */
const HEADER_WORDS = PCI.HEADER_END / 4;

/** Registers of the express capability that a device loses. @see drivers/pci/pci.c pci_save_pcie_state */
const PCIE_REGISTERS = [
  EXPRESS.DEVCTL,
  EXPRESS.LNKCTL,
  EXPRESS.SLTCTL,
  EXPRESS.RTCTL,
  EXPRESS.DEVCTL2,
  EXPRESS.LNKCTL2,
];

/** Saves the registers that {@link restoreState} restores. @see drivers/pci/pci.c pci_save_state */
export function saveState(dev: PciDevice): void {
  dev.savedState = {
    header: Array.from({ length: HEADER_WORDS }, (_, i) => dev.readConfig(4 * i, 4)),
    pcie: dev.pcie === null ? [] : PCIE_REGISTERS.map((register) => readPcie(dev, register, 2)),
  };
}

/**
 * Restores registers, each only if its value differs: addresses before the command register that enables decoding.
 * Registers that were not saved are kept.
 *
 * @see drivers/pci/pci.c pci_restore_state
 */
export function restoreState(dev: PciDevice): void {
  const saved = dev.savedState;
  if (saved === null) return;
  for (const [i, value] of saved.pcie.entries()) changePcie(dev, PCIE_REGISTERS[i] ?? 0, 0xffff, value);
  restoreConfigSpace(dev, saved.header);
  restoreMsixState(dev);
  dev.savedState = null;
}

/** Words from the last to the first; how often a word is written again, and whether it is when it has its value. */
interface Words {
  readonly first: number;
  readonly last: number;
  readonly retries?: number;
  readonly force?: boolean;
}

/** The window registers of some bridges lose their meaning when they are not written. */
const RESTORE: ReadonlyMap<number, readonly Words[]> = new Map<number, readonly Words[]>([
  [
    HEADER.NORMAL,
    [
      { first: 10, last: 15 },
      { first: 4, last: 9, retries: 10 },
      { first: 0, last: 3 },
    ],
  ],
  [
    HEADER.BRIDGE,
    [
      { first: 12, last: 15 },
      { first: 9, last: 11, force: true },
      { first: 0, last: 8 },
    ],
  ],
]);

/** @see drivers/pci/pci.c pci_restore_config_space */
function restoreConfigSpace(dev: PciDevice, header: readonly number[]): void {
  for (const { first, last, retries = 0, force = false } of RESTORE.get(dev.hdrType) ?? [{ first: 0, last: 15 }]) {
    for (let word = last; word >= first; word--) restoreWord(dev, word, header[word] ?? 0, retries, force);
  }
}

/** @see drivers/pci/pci.c pci_restore_config_dword */
function restoreWord(dev: PciDevice, word: number, value: number, retries: number, force: boolean): void {
  if (!force && dev.readConfig(4 * word, 4) === value) return;
  for (let left = retries; ; left--) {
    dev.writeConfig(4 * word, 4, value);
    if (left <= 0 || dev.readConfig(4 * word, 4) === value) return;
  }
}
