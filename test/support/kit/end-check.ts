import type { Kernel } from '../../../lib/base/kernel';
import type { LogLevel } from '../../../lib/base/printk';
import { ErrnoError } from '../../../lib/errno';
import { formatEntry, type Hypervisor } from '../../../lib/hypervisor';
import type { Machine, MachineGuest } from '../../../lib/machine';
import { HungTask } from '../../../lib/world';
import type { Finding } from './findings';
import { Leftovers } from './leftovers';

/** Marks a line about the firmware, for which no driver can be blamed. @see include/linux/printk.h FW_BUG */
const FW_BUG = '[Firmware Bug]';

const WARNINGS: readonly LogLevel[] = ['crit', 'err', 'warn'];

/** Knows the kernels and hosts that a world has had, and what they must not end with. */
export class EndCheck {
  readonly #kernels: Leftovers[] = [];
  readonly #hosts: Hypervisor[] = [];
  readonly #refused: Finding[] = [];

  watchHost(hypervisor: Hypervisor): void {
    this.#hosts.push(hypervisor);
  }

  watch(kernel: Kernel): void {
    this.#kernels.push(new Leftovers(kernel));
  }

  /** What this kernel has is there before any driver. */
  booted(kernel: Kernel): void {
    this.#kernels.find((known) => known.kernel === kernel)?.booted();
  }

  /** Of a guest whose kernel is up and awake; null else. */
  leftoversOf(guest: MachineGuest): Leftovers | null {
    if (!guest.hasBooted || guest.isAsleep) return null;
    return this.#kernels.find(({ kernel }) => kernel === guest.kernel) ?? null;
  }

  /** Takes all drivers out that came after boot. After an oops nothing is: its locks are held. */
  async unload(machine: Machine): Promise<void> {
    for (const guest of machine.guests) {
      for (const { def } of this.leftoversOf(guest)?.loadedDrivers() ?? []) {
        await this.#attempt(machine, `unload ${def.name}`, () => guest.unloadDriver(def));
      }
      if (guest.hasBooted) await this.#attempt(machine, 'give back all', () => guest.leave());
    }
    await this.#attempt(machine, 'settle', () => machine.settle());
  }

  /** Unplugs everything, and has the guests see it. */
  async unplug(machine: Machine): Promise<void> {
    if (machine.world.oopses.length > 0) return;
    machine.unplugAll();
    for (const guest of machine.guests) {
      if (this.leftoversOf(guest) !== null) await this.#attempt(machine, 'rescan', () => guest.rescan());
    }
    await this.#attempt(machine, 'settle', () => machine.settle());
  }

  async #attempt({ world }: Machine, what: string, body: () => Promise<void>): Promise<void> {
    if (world.oopses.length > 0) return;
    try {
      await body();
    } catch (error) {
      if (world.oopses.some((oops) => oops.error === error)) return;
      const kind = error instanceof HungTask ? 'hung-tasks' : 'leftovers';
      if (!(error instanceof HungTask) && !(error instanceof ErrnoError)) throw error;
      this.#refused.push({ kind, text: `${what}: ${error.message}` });
    }
  }

  /** What was found, in the order in which it explains itself. */
  findings(machine: Machine): Finding[] {
    const { world } = machine;
    return [
      ...world.oopses.map(({ where, error, task }) =>
        finding('oopses', `oops in ${where}, task '${task}': ${String(error)}`),
      ),
      ...this.#hosts.flatMap(({ log }) =>
        log.errors.map((entry) => finding('host-errors', `host: ${formatEntry(entry)}`)),
      ),
      ...this.#kernels.flatMap(({ kernel }) => warningsOf(kernel)),
      ...this.#refused,
      ...(world.oopses.length > 0 ? [] : this.#left(machine)),
    ];
  }

  #left(machine: Machine): Finding[] {
    const { world, hypervisor } = machine;
    const living = machine.guests.filter((guest) => this.leftoversOf(guest) !== null);
    return [
      ...world.blockedTasks().map(({ name, blocked }) => {
        return finding('hung-tasks', `task '${name}' waits for ${blocked?.on ?? 'nothing'} and is never woken`);
      }),
      ...living.flatMap((guest) => {
        const left = this.leftoversOf(guest)?.list(guest.bus.busName) ?? [];
        return left.map((text) => finding('leftovers', `guest ${guest.name}: left over: ${text}`));
      }),
      ...hypervisor.claims
        .list()
        .filter((claim) => living.some(({ guest }) => guest === claim.guest))
        .map((claim) => {
          return finding('leftovers', `guest ${claim.guest.name}: left over: a claim on ${claim.device.name}`);
        }),
    ];
  }
}

function finding(kind: Finding['kind'], text: string): Finding {
  return { kind, text };
}

function warningsOf({ name, log }: Kernel): Finding[] {
  const entries = log.entries.filter(({ level }) => WARNINGS.includes(level));
  const texts = entries.filter(({ text }) => !text.includes(FW_BUG)).map(({ level, text }) => `${level}: ${text}`);
  const lost = WARNINGS.reduce((sum, level) => sum + log.count(level), 0) - entries.length;
  if (lost > 0) texts.push(`${String(lost)} warnings and errors are lost: the log has no room for them`);
  return texts.map((text) => finding('warnings', `guest ${name}: log: ${text}`));
}
