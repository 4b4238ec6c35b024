import { Kernel } from '../base/kernel';
import {
  PM_FREEZE,
  PM_RESTORE,
  PM_RESUME,
  PM_SUSPEND,
  PM_THAW,
  type PmEvent,
  type PmSleepEvent,
} from '../base/power/pm-ops';
import { enterSleep, leaveSleep } from '../base/power/system-sleep';
import { ENOENT, ErrnoError } from '../errno';
import type { Guest } from '../hypervisor';
import type { MaySleep } from '../may-sleep';
import { initSubsystems } from '../subsystems';
import { registerVirtioBus } from '../virtio';
import type { GuestBus } from './fixture';
import type { GuestMachine } from './parts';

/** How a guest boots. */
export interface GuestBootOptions {
  /** With what userspace configures then. Default: yes. */
  readonly configured?: boolean;
}

/** The life of one guest: its kernel, if it has one, comes up, ends and sleeps. */
export class GuestLife {
  protected readonly machine: GuestMachine;
  #guest: Guest;
  #kernel: Kernel | null = null;
  #bus: GuestBus | null = null;
  #sleep: 'mem' | 'disk' | null = null;

  constructor(
    machine: GuestMachine,
    readonly name: string,
  ) {
    this.machine = machine;
    this.#guest = machine.hypervisor.createGuest({ name, memory: machine.memory });
  }

  /** The guest as the host sees it; another one when the host was replaced. */
  get guest(): Guest {
    return this.#guest;
  }

  /** @throws Error before it has booted, and after it has ended */
  get kernel(): Kernel {
    if (this.#kernel === null) throw new Error(`guest ${this.name} has not booted`);
    return this.#kernel;
  }

  get hasBooted(): boolean {
    return this.#bus !== null;
  }

  /** Suspended, or saved as an image. */
  get isAsleep(): boolean {
    return this.#sleep !== null;
  }

  /** @throws Error as {@link kernel} */
  get bus(): GuestBus {
    if (this.#bus === null) throw new Error(`guest ${this.name} has not booted`);
    return this.#bus;
  }

  /** A kernel that has looked for devices and has no driver; what was there before it is gone, an image too. */
  async boot({ configured = true }: GuestBootOptions = {}): Promise<void> {
    this.act('boot');
    this.#end();
    this.#guest.isOff = false;
    const { parts, world } = this.machine;
    this.#kernel = new Kernel(world, { ...parts.kernel, name: this.name, port: this.guest.port });
    parts.kernelMade?.(this.#kernel);
    await initSubsystems(this.#kernel);
    await registerVirtioBus(this.#kernel);
    this.#bus = await this.machine.host.boot(this.#kernel, this.guest);
    if (configured) await this.#bus.configure?.();
    await this.settle();
    parts.kernelBooted?.(this.#kernel);
  }

  /** An orderly reboot: its devices are made quiet, its kernel ends, and another kernel looks for devices. */
  async reboot(): Promise<void> {
    this.act('reboot');
    await this.kernel.shutdownDevices();
    await this.boot();
  }

  /** Its kernel ends where it stands: nothing is cleaned up, and the hypervisor keeps what it held. */
  die(): void {
    this.act('die');
    this.#end();
  }

  /** Its devices are made quiet and its kernel ends. @throws HungTask when a task holds what the shutdown needs */
  async shutDown(): Promise<void> {
    this.act('poweroff');
    await this.kernel.shutdownDevices();
    this.#end();
  }

  /** Suspends to memory. @returns 0, or a negative errno; everything is awake then */
  async suspend(): Promise<number> {
    return this.#fallAsleep('mem', PM_SUSPEND);
  }

  /** Wakes from {@link suspend}; what fails in a device is in the kernel's log. */
  async resume(): Promise<void> {
    await this.#wakeUp('mem', 'wake up', PM_RESUME);
  }

  /**
   * Freezes its devices and takes an image, which is this kernel with its memory. Linux would thaw to save the image
   * and then power off; here the host keeps it and the machine is off at once.
   *
   * @param then `thaw`: the machine continues instead, as for a snapshot
   * @returns 0, or a negative errno; everything is awake then
   */
  async hibernate({ then = 'off' }: { readonly then?: 'off' | 'thaw' } = {}): Promise<number> {
    const error = await this.#fallAsleep('disk', PM_FREEZE);
    if (error === 0 && then === 'thaw') await this.#wakeUp('disk', 'thaw', PM_THAW);
    else this.#guest.isOff = error === 0;
    return error;
  }

  /**
   * The image of {@link hibernate} continues on the current hypervisor, which `Machine.replaceHypervisor` replaces.
   * Errors of devices are in the kernel's log.
   */
  async restore(): Promise<void> {
    this.#guest.isOff = false;
    await this.#wakeUp('disk', 'restore', PM_RESTORE);
  }

  /** For `Machine.replaceHypervisor`: the old host is about to go. */
  losesHost(): void {
    if (this.#sleep !== 'disk') this.#end();
    this.#guest.destroy();
  }

  /** For `Machine.replaceHypervisor`: the new host is there and has no devices. */
  getsHost(): void {
    const image = this.#sleep === 'disk' ? { image: this.#guest } : { memory: this.machine.memory };
    this.#guest = this.machine.hypervisor.createGuest({ name: this.name, ...image });
    this.#guest.isOff = true;
  }

  /** No processor of the guest runs the kernel any more. */
  #end(): void {
    this.#kernel?.kill();
    this.#guest.isOff = true;
    this.#kernel = this.#bus = this.#sleep = null;
  }

  async #fallAsleep(state: 'mem' | 'disk', event: PmSleepEvent): Promise<number> {
    this.act(`echo ${state} > ${SLEEP_FILE}`);
    const { cannotSleep = false } = this.bus;
    const error = cannotSleep ? -ENOENT : await this.refusalOf(() => enterSleep(this.kernel, event));
    if (error === 0) this.#sleep = state;
    else this.noteRefusal(error);
    return error;
  }

  async #wakeUp(state: 'mem' | 'disk', what: string, event: PmEvent): Promise<void> {
    if (this.#sleep !== state) throw new Error(`guest ${this.name} does not sleep so that it could ${what}`);
    this.act(what);
    this.#sleep = null;
    await leaveSleep(this.kernel, event);
    await this.settle();
  }

  /** As `GuestMachine.settle`. Within a task it does not wait: the task's creator does. */
  async settle(): Promise<void> {
    if (this.machine.world.current === null) await this.machine.settle();
  }

  /** An operation is about to be done. */
  protected act(what: string): void {
    this.machine.parts.operation?.(this.name, what);
  }

  /** It was refused. */
  protected noteRefusal(error: number): void {
    this.machine.parts.refused?.(this.name, error);
  }

  /** 0, or the negative errno that was given or thrown. */
  protected async refusalOf(body: () => MaySleep<number | void>): Promise<number> {
    try {
      return Math.min((await body()) ?? 0, 0);
    } catch (error) {
      if (error instanceof ErrnoError) return error.errno;
      throw error;
    }
  }
}

/** Where a user enters sleep states. */
const SLEEP_FILE = '/sys/power/state';
