import type { Kernel } from '../lib/base/kernel';
import type { Guest, Hypervisor } from '../lib/hypervisor';
import type { MaySleep } from '../lib/may-sleep';
import type { ModuleDef } from '../lib/module';
import type { Node } from '../lib/shell/files/node';
import type { VirtioDriver } from '../lib/virtio';
import type { DeviceDef, MachineDef } from './definition';
import type { ModelParts } from './models';

/** What a board is built into. */
export interface BoardParts {
  readonly def: MachineDef;
  readonly hypervisor: Hypervisor;
  readonly guest: Guest;
  /** What each model is given. */
  modelParts(): ModelParts;
}

/** A device in its place. */
export interface PluggedDevice {
  unplug(): MaySleep<void>;
}

/** A base with its devices: what differs between machines. */
export interface Board {
  readonly arch: string;
  readonly hasDeviceTree: boolean;
  /** Modules on its disk besides the drivers of virtio devices, in the order in which they are loaded. */
  readonly modules: readonly ModuleDef[];
  /** Those of them that nothing loads by itself. */
  readonly atHand: readonly string[];
  /** What the drivers of virtio devices depend on. */
  readonly core: readonly string[];
  /** The driver of balloons in its kernel, where that is an older one. */
  readonly balloon?: VirtioDriver;
  /** @throws ErrnoError when the place is taken or cannot be */
  plug(def: DeviceDef): PluggedDevice;
  /** The kernel looks for its devices; drivers that are built in bind. */
  boot(kernel: Kernel): Promise<void>;
  proc?(kernel: Kernel): Readonly<Record<string, Node>>;
  /** Why a device cannot be plugged while the machine runs, in the words of the monitor; null: it can. */
  whyNotHot(def: DeviceDef, names: HotplugNames): string | null;
  /** Where parameters of the monitor put a device; null: the first place that is free. @throws ErrnoError EINVAL */
  hotPlace(params: ReadonlyMap<string, string>, type: string): string | null;
  /** Why a device of the machine file cannot be unplugged, in the words of the monitor; null or absent: it can. */
  whyNotOut?(def: DeviceDef): string | null;
}

/** What the user wrote. */
export interface HotplugNames {
  readonly type: string;
  /** The parameter `bus`; null without. */
  readonly bus: string | null;
}
