import { ps3Repository, type Ps3HostBus } from '../buses/ps3-handle';
import type { Kernel } from '../lib/base/kernel';
import type { GuestBus } from '../lib/machine/fixture';
import type { ModuleDef } from '../lib/module';
import { registerVirtioBus } from '../lib/virtio';
import type { Board, BoardParts, PluggedDevice } from './board';
import { isVirtio, type DeviceDef } from './definition';
import { modelOf } from './models';

/** A machine with a pool of devices, as Linux on the PS3 uses it: the repository is read, a bind opens a device. */
export class Ps3Board implements Board {
  readonly arch = 'ppc64';
  readonly hasDeviceTree = false;
  readonly atHand = [];
  readonly core = [];
  readonly modules: readonly ModuleDef[];
  readonly #parts: BoardParts;
  readonly #bus: Ps3HostBus;
  #guestBus: GuestBus | null = null;

  constructor(parts: BoardParts) {
    this.#parts = parts;
    this.#bus = ps3Repository.install(parts.hypervisor);
    this.modules = [
      {
        name: 'ps3_virtio',
        init: async (kernel, owner) => {
          const bus = this.#guestBus;
          if (bus === null) return;
          owner.data = await (bus.registration?.register(bus.transport, owner) ??
            kernel.registerDriver(bus.transport, owner));
        },
        exit: async (kernel) => {
          const bus = this.#guestBus;
          const drv = bus === null ? null : (kernel.busOf(bus.transport.bus)?.findDriver(bus.transport.name) ?? null);
          if (drv !== null) await (bus?.registration?.unregister(drv) ?? drv.unregister());
        },
      },
    ];
  }

  plug(def: DeviceDef): PluggedDevice {
    if (!isVirtio(def)) throw new Error(`${def.type} is no virtio device`);
    return this.#bus.plug(
      modelOf(def, this.#parts.modelParts()),
      this.#parts.guest,
      def.address === null ? undefined : Number(def.address),
    );
  }

  async boot(kernel: Kernel): Promise<void> {
    await registerVirtioBus(kernel);
    this.#guestBus = await this.#bus.boot(kernel, this.#parts.guest);
    await this.#guestBus.configure?.();
  }

  whyNotHot(def: DeviceDef): string | null {
    return isVirtio(def) ? null : `Error: '${def.type}' is not a valid device model name`;
  }

  hotPlace(): string | null {
    return null;
  }
}
