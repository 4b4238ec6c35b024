import { DeviceModel, type DeviceHost, type DeviceRequest } from '../../../lib';

/** A device id that VIRTIO 1.2 §5 does not assign. */
export const DICE_ID = 63;

/** A die in the hypervisor: each request is completed with one throw, one byte. */
export class DiceDevice extends DeviceModel {
  readonly deviceId = DICE_ID;

  constructor(
    readonly name: string,
    readonly throws: readonly number[],
  ) {
    super();
  }

  override queueSizes(): readonly number[] {
    return [4];
  }

  /** One byte of configuration: the number of sides. */
  override config(): Uint8Array {
    return Uint8Array.of(6);
  }

  override handle(_queue: number, request: DeviceRequest, host: DeviceHost): void {
    const thrown = this.throws[this.served % this.throws.length] ?? 1;
    host.after(1000, () => request.complete(Uint8Array.of(thrown)));
  }
}
