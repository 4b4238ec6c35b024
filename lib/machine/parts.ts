import type { Kernel, KernelOptions } from '../base/kernel';
import type { Hypervisor } from '../hypervisor';
import type { World } from '../world';
import type { HostBus } from './fixture';

/** What a machine is given instead of what it would make itself. */
export interface MachineParts {
  readonly world?: World;
  /** How its kernels are configured. */
  readonly kernel?: Pick<KernelOptions, 'testDriverRemove' | 'logBufShift'>;
  /** Bytes of RAM of each guest. Default: enough for the machine's devices. */
  readonly memory?: number;
  /** How many lines the log of its hypervisor keeps. Default: as {@link Hypervisor}. */
  readonly logLimit?: number;
  /** Called for the hypervisor, and for each that replaces it, before it has devices. */
  hypervisorMade?(hypervisor: Hypervisor): void;
  /** Called for each operation before it is done. @param who a guest, or `host` */
  operation?(who: string, what: string): void;
  /** Called for each operation that failed. @param error the negative errno */
  refused?(who: string, error: number): void;
  /** Called for each guest's kernel when it is made, before it scans for devices. */
  kernelMade?(kernel: Kernel): void;
  /** Called for each guest's kernel when it has scanned for devices, before there is any driver. */
  kernelBooted?(kernel: Kernel): void;
}

/** What a guest knows of the machine that it is in. */
export interface GuestMachine {
  readonly world: World;
  readonly parts: MachineParts;
  /** Bytes of RAM of each guest. */
  readonly memory: number;
  /** The host that is there. */
  readonly hypervisor: Hypervisor;
  /** Its half of the bus. */
  readonly host: HostBus;
  /** Runs all runnable tasks, and waits for devices that complete later. Rethrows exceptions of workers. */
  settle(): Promise<void>;
}
