import { virtioBlk } from '../../drivers/virtio_blk';
import { BlockDevice, DeviceModel, type BlockOptions, type DeviceHost, type DeviceRequest } from '../../lib/hypervisor';
import { blockDisk, type BlockDisk } from '../../lib/subsystems';
import { BLK, DEVICE_ID, featureBit } from '../../lib/virtio';
import { VirtioMachine } from './virtio';

export const SECTORS = 2048;
export const IMAGE = Uint8Array.from({ length: SECTORS * 512 }, (_, i) => (i ^ (i >> 9)) & 0xff);

/** A machine with the driver and one disk of 1 MiB whose bytes depend on their offset. */
export async function machineWithDisk(
  over: Partial<BlockOptions> = {},
  options: { seed?: number; sleepNs?: number } = {},
) {
  const image = IMAGE.slice();
  const machine = new VirtioMachine(options.seed === undefined ? {} : { seed: options.seed });
  await machine.kernel.registerDriver(virtioBlk);
  const model = new BlockDevice({ name: 'disk0', image, serial: 'MACHINES-DISK-0', ...over });
  const plugged = await machine.plug(model, (transport) => (transport.sleepNs = options.sleepNs ?? 0));
  return { machine, image, model, disk: vda(machine), ...plugged };
}

export function vda(machine: VirtioMachine, name = 'vda'): BlockDisk {
  const disk = blockDisk(machine.kernel, name);
  if (disk === null) throw new Error(`there is no ${name}`);
  return disk;
}

export const filled = (value: number, sectors = 1): Uint8Array => new Uint8Array(sectors * 512).fill(value);
export const unbind = (machine: VirtioMachine): Promise<void> =>
  machine.write('/sys/bus/virtio/drivers/virtio_blk/unbind', 'virtio0');

/** A disk of 64 sectors whose completions are the test's. */
export class OddDisk extends DeviceModel {
  readonly deviceId = DEVICE_ID.BLOCK;
  readonly name = 'odd0';
  limits: { readonly size: number; readonly segments: number } | null = null;

  constructor(
    readonly serve: (request: DeviceRequest) => void,
    readonly blockSize = 512,
  ) {
    super();
  }

  override features(): bigint {
    const limits = this.limits === null ? 0n : featureBit(BLK.F_SIZE_MAX) | featureBit(BLK.F_SEG_MAX);
    return featureBit(BLK.F_BLK_SIZE) | limits;
  }

  override queueSizes(): readonly number[] {
    return [16];
  }

  override config(): Uint8Array {
    const bytes = new Uint8Array(BLK.CONFIG_BYTES);
    const view = new DataView(bytes.buffer);
    view.setUint32(BLK.CONFIG_CAPACITY, 64, true);
    view.setUint32(BLK.CONFIG_SIZE_MAX, this.limits?.size ?? 0, true);
    view.setUint32(BLK.CONFIG_SEG_MAX, this.limits?.segments ?? 0, true);
    view.setUint32(BLK.CONFIG_BLK_SIZE, this.blockSize, true);
    return bytes;
  }

  override handle(_queue: number, request: DeviceRequest, host: DeviceHost): void {
    host.after(1000, () => this.serve(request));
  }
}
