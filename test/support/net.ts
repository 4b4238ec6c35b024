import { virtioNet } from '../../drivers/virtio_net';
import { DeviceModel, NetworkDevice, NetworkHub, type DeviceRequest, type NetworkOptions } from '../../lib/hypervisor';
import { netDevice, type NetDevice } from '../../lib/subsystems';
import { DEVICE_ID, featureBit, NET } from '../../lib/virtio';
import { SOON, type MachineOptions } from './driver';
import { VirtioMachine } from './virtio';

export const MAC = Uint8Array.of(0x52, 0x54, 0x00, 0x12, 0x34, 0x56);
export const PEER = Uint8Array.of(0x52, 0x54, 0x00, 0x12, 0x34, 0x57);
export const EVERYBODY = new Uint8Array(6).fill(0xff);

/** A frame whose data contain its number. */
export function frame(to: Uint8Array, from: Uint8Array, number = 0, bytes = 46): Uint8Array {
  return Uint8Array.of(...to, ...from, 0x88, 0xb5, ...new Uint8Array(bytes).fill(number));
}

/** A machine with the driver, one device that is up, and the frames that a port of the host receives. */
export async function machineWithNet(over: Partial<NetworkOptions> = {}, options: MachineOptions = {}) {
  const { sleepNs = 0, ...world } = options;
  const machine = new VirtioMachine(world);
  const hub = new NetworkHub();
  const heard: Uint8Array[] = [];
  const host = hub.plug({ receive: (bytes) => void heard.push(bytes) });
  await machine.kernel.registerDriver(virtioNet);
  const model = new NetworkDevice({ name: 'net0', hub, mac: MAC, ...over });
  const plugged = await machine.plug(model, (transport) => (transport.sleepNs = sleepNs));
  const soon = (): Promise<void> => machine.world.advance(SOON);
  await soon();
  const dev = eth(machine);
  await dev.open();
  const received: Uint8Array[] = [];
  dev.addPack((bytes) => void received.push(bytes));
  return { machine, hub, heard, host, model, net: dev, received, soon, ...plugged };
}

export function eth(machine: VirtioMachine, name = 'eth0'): NetDevice {
  const dev = netDevice(machine.kernel, name);
  if (dev === null) throw new Error(`there is no ${name}`);
  return dev;
}

export const unbindNet = (machine: VirtioMachine): Promise<void> =>
  machine.write('/sys/bus/virtio/drivers/virtio_net/unbind', 'virtio0');

/** A device without features that keeps sent frames and delivers those of a test. */
export class OddNet extends DeviceModel {
  readonly deviceId = DEVICE_ID.NET;
  readonly name = 'odd0';
  readonly sent: Uint8Array[] = [];
  readonly #buffers: DeviceRequest[] = [];

  constructor(readonly mtu: number | null = null) {
    super();
  }

  override features(): bigint {
    return featureBit(NET.F_MAC) | (this.mtu === null ? 0n : featureBit(NET.F_MTU));
  }

  override queueSizes(): readonly number[] {
    return [32, 32];
  }

  override config(): Uint8Array {
    const bytes = new Uint8Array(NET.CONFIG_BYTES);
    bytes.set(MAC);
    new DataView(bytes.buffer).setUint16(NET.CONFIG_MTU, this.mtu ?? 0, true);
    return bytes;
  }

  override reset(): void {
    this.#buffers.length = 0;
  }

  give(bytes: Uint8Array): void {
    this.#buffers.shift()?.complete(bytes);
  }

  override handle(queue: number, request: DeviceRequest): void {
    if (queue === NET.RECEIVEQ) this.#buffers.push(request);
    else {
      this.sent.push(request.readable);
      request.complete();
    }
  }
}
