import type { Kernel, KernelOptions } from '../base/kernel';
import type { Hypervisor } from '../hypervisor';
import type { World } from '../world';
import type { HostBus } from './fixture';

/** What a machine is given instead of what it would make itself. */
export interface MachineParts {
  readonly world?: World;
  /** How its kernels are configured. */
  readonly kernel?: Pick<KernelOptions, 'testDriverRemove' | 'logBufShift'>;
  /** How many lines the log of its hypervisor keeps. Default: as {@link Hypervisor}. */
  readonly logLimit?: number;
  /** Told of the hypervisor, and of each that replaces it, before it has devices. */
  hypervisorMade?(hypervisor: Hypervisor): void;
  /** Told of each operation before it is done. @param who a guest, or `host` */
  operation?(who: string, what: string): void;
  /** Told of each operation that was refused. @param error the negative errno */
  refused?(who: string, error: number): void;
  /** Told of each guest's kernel when it is made, before it looks for devices. */
  kernelMade?(kernel: Kernel): void;
  /** Told of each guest's kernel when it has looked for devices, before there is any driver. */
  kernelBooted?(kernel: Kernel): void;
}

/** What a guest knows of the machine that it is in. */
export interface GuestMachine {
  readonly world: World;
  readonly parts: MachineParts;
  /** The host that is there. */
  readonly hypervisor: Hypervisor;
  /** Its half of the bus. */
  readonly host: HostBus;
  /** Runs what is runnable, and waits for devices that answer later. Rethrows what a worker threw. */
  settle(): Promise<void>;
}
