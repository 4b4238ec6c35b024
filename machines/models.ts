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
  /** Places of a disk's queue. */
  readonly queueSize: number;
}

/** Pieces of memory that QEMU's disks take in one request. */
const DISK_SEGMENTS = 254;

/** Places of a queue of QEMU's network cards. */
const NET_PLACES = 256;

/** Ports that QEMU's consoles can have. */
const MAX_PORTS = 31;

/** The device model behind a definition. @throws ErrnoError EINVAL for a serial that cannot be */
export function modelOf(def: VirtioDef, { hub, seed, queueSize }: ModelParts): DeviceModel {
  const name = def.id;
  switch (def.type) {
    case 'virtio-blk': {
      const { image, serial, readOnly } = def;
      const more = { configWce: true, discard: true, queueSize, maxSegments: DISK_SEGMENTS };
      return new BlockDevice({ name, image, readOnly, serial: serial ?? '', ...more });
    }
    case 'virtio-net':
      return new NetworkDevice({ name, hub, mac: def.mac ?? macOf(seed), control: true, queueSize: NET_PLACES });
    case 'virtio-rng':
      return new EntropyDevice({ name, seed });
    case 'virtio-console':
      return new ConsoleDevice({ name, ports: portsOf(def), maxPorts: MAX_PORTS, tellsSize: false });
    case 'virtio-balloon':
      return new BalloonDevice({ name, mustTellHost: false });
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
