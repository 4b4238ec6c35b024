import type { Kernel } from '../base/kernel';
import type { MaySleep } from '../may-sleep';
import type { ModuleDef } from '../module';
import type { Node } from './files/node';

/** The machine that a shell works on: a kernel, the modules on its disk, and the host beneath. */
export interface ShellMachine {
  readonly kernel: Kernel;
  /** In /lib/modules, by name. */
  readonly modules: ReadonlyMap<string, ModuleDef>;
  /** Of the kernel, as `uname -r` tells it. */
  readonly release: string;
  /** Of the processor, as `uname -m` tells it. */
  readonly arch: string;
  /** Of the kernel. */
  readonly commandLine: string;
  readonly hasDeviceTree: boolean;
  /** Files in /proc besides those that every machine has. */
  readonly proc?: Readonly<Record<string, Node>>;
  /**
   * A command to the host's monitor, which waits until the guest has seen what it did.
   *
   * @returns what the monitor prints: nothing, unless it refuses
   */
  monitor(line: string): MaySleep<string>;
  /** Lets work that waits go on until the events are over. */
  settle(): MaySleep<void>;
  /** Lets time pass. */
  pass(ns: number): MaySleep<void>;
  /** A command has ended: others run for as long as a process takes to start. */
  commandDone(): MaySleep<void>;
  /** The kernel has killed the task of a command. */
  commandDied(error: unknown): void;
}
