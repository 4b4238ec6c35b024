import { installOfTree, virtioMmioDriver, type OfTreeBus } from '../../buses/of-tree';
import type { Kernel } from '../../lib/base/kernel';
import { driverModule } from '../../lib/module';
import { registerVirtioBus } from '../../lib/virtio';
import type { Board, BoardParts, HotplugNames, PluggedDevice } from '../board';
import { isVirtio, type DeviceDef } from '../definition';
import { registerNamedDrivers } from '../named-drivers';
import { modelOf } from '../models';
import { virtTree } from './tree';

const MEMORY = 0x2000_0000;

/** QEMU's machine virt-7.2: a device tree, and transports in it. */
export class Arm64Board implements Board {
  readonly arch = 'aarch64';
  readonly hasDeviceTree = true;
  readonly modules = [driverModule(virtioMmioDriver, { name: 'virtio_mmio' })];
  readonly atHand = [];
  readonly core = [];
  readonly #parts: BoardParts;
  readonly #bus: OfTreeBus;

  constructor(parts: BoardParts) {
    this.#parts = parts;
    const { tree, commandLine } = parts.def;
    this.#bus = installOfTree(parts.hypervisor, { dtb: tree ?? virtTree(commandLine, MEMORY) });
  }

  plug(def: DeviceDef): PluggedDevice {
    if (!isVirtio(def)) throw new Error(`${def.type} is no virtio device`);
    return this.#bus.plug(modelOf(def, this.#parts.modelParts()), this.#parts.guest, Number(def.address ?? '0'));
  }

  async boot(kernel: Kernel): Promise<void> {
    await registerVirtioBus(kernel);
    await this.#bus.boot(kernel, this.#parts.guest);
    await registerNamedDrivers(kernel, this.#parts.def.drivers);
  }

  whyNotHot(def: DeviceDef, { bus }: HotplugNames): string | null {
    return `Error: Bus '${bus ?? 'virtio-mmio-bus.31'}' does not support hotplugging`;
  }

  whyNotOut({ address }: DeviceDef): string | null {
    return `Error: Bus 'virtio-mmio-bus.${address ?? ''}' does not support hotplugging`;
  }

  hotPlace(): string | null {
    return null;
  }
}
