import { DeviceModel, type MmioHandlers } from '../../../lib/hypervisor';
import { REG_TYPE, USB_REVISION, type RegisterWindow } from '../layout';

/** A device of the PS3 that is not a virtio device: it has no class, so it cannot be allocated by class. */
abstract class NativeDevice extends DeviceModel {
  /** An unused id. VIRTIO 1.2 §5 */
  readonly deviceId = 0;

  constructor(readonly name: string) {
    super();
  }

  override queueSizes(): readonly number[] {
    return [];
  }

  override handle(): never {
    throw new Error(`device ${this.name} has no queues`);
  }
}

/**
 * A USB controller: one device of the repository with two windows of registers, for high speed and for full speed. It
 * has no ports and transfers nothing; what matters is that one device has two faces.
 */
export class UsbController extends NativeDevice {
  readonly windows: readonly RegisterWindow[] = [
    { type: REG_TYPE.SB_OHCI, busAddress: 0x3010000, length: 0x10000 },
    { type: REG_TYPE.SB_EHCI, busAddress: 0x3810000, length: 0x10000 },
  ];

  /** The handlers of a window; each read is a request that is served. */
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

/** The graphics processor: in no repository, opened by a call of its own. It only responds, without drawing. */
export class GraphicsProcessor extends NativeDevice {
  attribute(): void {
    this.served += 1;
  }
}
