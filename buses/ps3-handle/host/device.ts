import type { Endpoint } from '../../../lib/access/styles/host';
import { VirtioHostDevice, type DeviceModel, type Hypervisor } from '../../../lib/hypervisor';
import { BUS_ID_SB, DEV_TYPE_SB_USB, DEV_TYPE_VIRTIO, type RegisterWindow } from '../layout';
import { UsbController } from './native';

/** One device of the pool. */
export class HostDevice {
  readonly busId = BUS_ID_SB;
  /** As in the repository. */
  readonly devType: number;
  /** Registers that can be mapped; a virtio device has none. */
  readonly windows: readonly RegisterWindow[];
  readonly virtio: VirtioHostDevice;
  /** Set while a guest has it. */
  open: Pick<Endpoint, 'close' | 'gone'> | null = null;

  /** @throws ErrnoError EINVAL for a device id that cannot be represented */
  constructor(
    readonly model: DeviceModel,
    readonly devId: number,
    { world, log }: Hypervisor,
  ) {
    this.virtio = new VirtioHostDevice(model, world, log);
    this.devType = model instanceof UsbController ? DEV_TYPE_SB_USB : DEV_TYPE_VIRTIO + this.classId;
    this.windows = model instanceof UsbController ? model.windows : [];
  }

  /** VIRTIO device id; 0 for a device that is not a virtio device. */
  get classId(): number {
    return this.virtio.deviceId;
  }

  get name(): string {
    return this.model.name;
  }

  /** True once it was unplugged. */
  get gone(): boolean {
    return this.virtio.gone;
  }

  /** The guest that has it gives it back, or the host takes it. */
  close(): void {
    this.open?.close();
    this.open = null;
  }

  /** It leaves the machine; the guest that has it is notified. */
  unplug(): void {
    this.virtio.unplug();
    this.open?.gone();
  }
}
