import { DeviceModel, type DeviceHost, type DeviceRequest } from '../../../lib';

/** A device id that VIRTIO 1.2 §5 does not assign. */
export const THERMOMETER_ID = 62;

/** Two 16-bit numbers, in degrees: the measured temperature, and the limit for an alarm. */
export const CONFIG = { TEMPERATURE: 0, LIMIT: 2, BYTES: 4 } as const;

/** The limit after a reset. */
const NO_LIMIT = 0xffff;

/** A thermometer in the hypervisor. Each buffer is for one alarm: it is returned with the temperature. */
export class Thermometer extends DeviceModel {
  readonly deviceId = THERMOMETER_ID;
  readonly #config = new DataView(new ArrayBuffer(CONFIG.BYTES));
  #host: DeviceHost | null = null;
  #buffers: DeviceRequest[] = [];

  constructor(readonly name: string) {
    super();
    this.reset();
  }

  override queueSizes(): readonly number[] {
    return [4];
  }

  override attach(host: DeviceHost): void {
    this.#host = host;
  }

  override config(): Uint8Array {
    return new Uint8Array(this.#config.buffer.slice(0));
  }

  /** Only the limit can be written. A write may cover more bytes: a channel program writes from offset 0. */
  override writeConfig(offset: number, bytes: Uint8Array): void {
    const limit = bytes.subarray(Math.max(CONFIG.LIMIT - offset, 0));
    if (offset <= CONFIG.LIMIT && limit.length >= 2) new Uint8Array(this.#config.buffer).set(limit, CONFIG.LIMIT);
  }

  override handle(_queue: number, request: DeviceRequest): void {
    this.#buffers.push(request);
  }

  /** Clears what the driver has set, but not the temperature. */
  override reset(): void {
    this.#buffers = [];
    this.#config.setUint16(CONFIG.LIMIT, NO_LIMIT, true);
  }

  /** Changes the temperature. */
  become(degrees: number): void {
    this.#config.setUint16(CONFIG.TEMPERATURE, degrees, true);
    this.#host?.configChanged();
    if (degrees < this.#config.getUint16(CONFIG.LIMIT, true)) return;
    this.#buffers.shift()?.complete(this.config().subarray(0, 2));
  }
}
