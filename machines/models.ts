import {
  BalloonDevice,
  BlockDevice,
  ConsoleDevice,
  EntropyDevice,
  NetworkDevice,
  type DeviceModel,
  type NetworkHub,
} from '../lib/hypervisor';
import type { ConsoleDef, VirtioDef } from './definition';

/** What models are given besides their definition. */
export interface ModelParts {
  readonly hub: NetworkHub;
  /** A number that differs for each device. */
  readonly seed: number;
}

/** The device model behind a definition. @throws ErrnoError EINVAL for a serial that cannot be */
export function modelOf(def: VirtioDef, { hub, seed }: ModelParts): DeviceModel {
  const name = def.id;
  switch (def.type) {
    case 'virtio-blk': {
      const { image, serial, readOnly } = def;
      return new BlockDevice({ name, image, readOnly, configWce: true, serial: serial ?? '' });
    }
    case 'virtio-net':
      return new NetworkDevice({ name, hub, mac: def.mac ?? macOf(seed) });
    case 'virtio-rng':
      return new EntropyDevice({ name, seed });
    case 'virtio-console':
      return new ConsoleDevice({ name, ports: portsOf(def) });
    case 'virtio-balloon':
      return new BalloonDevice({ name });
  }
}

/** QEMU gives each card the next address. */
function macOf(seed: number): Uint8Array {
  return Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56 + seed);
}

function portsOf({ ports }: ConsoleDef): readonly { readonly console?: boolean; readonly name?: string }[] {
  return ports.map((port) => ({
    ...(port.console ? { console: true } : {}),
    ...(port.name === null ? {} : { name: port.name }),
  }));
}
