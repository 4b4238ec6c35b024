import { DeviceModel, type MmioHandlers } from '../../lib/hypervisor';
import { REG_TYPE, USB_REVISION, type RegisterWindow } from './layout';

/**
 * A USB controller of the PS3: one device of the repository with two windows of registers, for high speed and for full
 * speed. It has no ports and transfers nothing; what matters is that one device has two faces. It is no virtio device,
 * so it has no class and is found by its ids only.
 */
export class UsbController extends DeviceModel {
  /** Nobody's. VIRTIO 1.2 §5 */
  readonly deviceId = 0;
  readonly windows: readonly RegisterWindow[] = [
    { type: REG_TYPE.SB_OHCI, busAddress: 0x3010000, length: 0x10000 },
    { type: REG_TYPE.SB_EHCI, busAddress: 0x3810000, length: 0x10000 },
  ];

  constructor(readonly name: string) {
    super();
  }

  override queueSizes(): readonly number[] {
    return [];
  }

  override handle(): never {
    throw new Error(`USB controller ${this.name} has no queues`);
  }

  /** What answers at a window; each read is a request that is served. */
  handlers({ type }: RegisterWindow): MmioHandlers {
    const revision = type === REG_TYPE.SB_EHCI ? USB_REVISION.EHCI : USB_REVISION.OHCI;
    return {
      read: (offset) => {
        this.served += 1;
        return offset === 0 ? revision : 0;
      },
      write: () => undefined,
    };
  }
}
