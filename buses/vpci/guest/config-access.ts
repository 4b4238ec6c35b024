import type { Port, Width } from '../../../lib/hypervisor/port';
import { ecamOffset, MACHINE } from '../layout';

/**
 * Configuration space as the guest's kernel reaches it: a window of device memory in which each function has 4 KiB. A
 * function that is not there reads as all ones. Every access is one exit.
 *
 * @see drivers/pci/ecam.c
 */
export class ConfigAccess {
  readonly #port: Port;

  /** @param lastBus highest bus number that the window covers */
  constructor(
    port: Port,
    readonly lastBus: number,
  ) {
    this.#port = port;
  }

  /** @throws ErrnoError ENXIO when the guest's port is unplugged @see pci_bus_read_config_dword */
  read(bus: number, devfn: number, offset: number, width: Width): number {
    if (bus > this.lastBus) return 2 ** (8 * width) - 1;
    return this.#port.read(MACHINE.ECAM + ecamOffset(bus, devfn, offset), width);
  }

  /** @throws ErrnoError ENXIO when the guest's port is unplugged @see pci_bus_write_config_dword */
  write(bus: number, devfn: number, offset: number, width: Width, value: number): void {
    if (bus > this.lastBus) return;
    this.#port.write(MACHINE.ECAM + ecamOffset(bus, devfn, offset), width, value);
  }
}
