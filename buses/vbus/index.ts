/**
 * The generic virtual bus: the simplest that a bus can be. The host lists devices (NEXT), a guest opens the one that it
 * wants (OPEN) and gives it back (CLOSE). Names are free, claims are late, and devices may be shared between guests.
 *
 * @module linux-driver-model/buses/vbus
 */
import type { Hypervisor } from '../../lib/hypervisor';
import type { BusFixture, FixtureOptions, HostBus } from '../../lib/machine/fixture';
import { bootBus, scan } from './guest/boot';
import { VbusHost } from './host/host';
import { vbusVirtioDriver } from './virtio/virtio-vbus';

export { VbusDevice, type VbusDriver, vbusType } from './guest/bus';
export { VbusHost } from './host/host';
export { EVENT, STATE, VBUS, VECTOR } from './layout';
export { vbusVirtioDriver } from './virtio/virtio-vbus';

/** The host half in a machine. */
export interface VbusHostBus extends HostBus {
  readonly host: VbusHost;
}

/** This bus in machines. */
export interface VbusFixture extends BusFixture {
  install(hypervisor: Hypervisor, options?: FixtureOptions): VbusHostBus;
}

/** The bus; its devices are shared unless a machine says otherwise. */
export const vbus: VbusFixture = {
  bus: 'vbus',
  strategy: null,
  ownership: ['shared', 'private'],
  install(hypervisor, options = {}) {
    const host = new VbusHost(hypervisor, options);
    return {
      host,
      plug: (model, guest, place) => host.plug(model, guest, place),
      async boot(kernel) {
        const root = await bootBus(kernel);
        const transport = vbusVirtioDriver(options.accessParam ?? 'best');
        return { busName: 'vbus', transport, rescan: () => scan(root) };
      },
    };
  },
};
