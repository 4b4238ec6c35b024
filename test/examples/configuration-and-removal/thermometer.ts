import { DeviceModel, type DeviceHost, type DeviceRequest } from '../../../lib';

/** An id that VIRTIO 1.2 §5 gives to nobody. */
export const THERMOMETER_ID = 62;

/** Two numbers of 16 bits, in degrees: what the device measures, and from where on it alarms. */
export const CONFIG = { TEMPERATURE: 0, LIMIT: 2, BYTES: 4 } as const;

/** Its limit when nobody has set one. */
const NO_LIMIT = 0xffff;

/** A thermometer in the hypervisor. A buffer in its queue is for one alarm: it comes back with the temperature. */
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

  /** Only the limit can be written. What is written may be more than that: a channel program writes from offset 0. */
  override writeConfig(offset: number, bytes: Uint8Array): void {
    const limit = bytes.subarray(Math.max(CONFIG.LIMIT - offset, 0));
    if (offset <= CONFIG.LIMIT && limit.length >= 2) new Uint8Array(this.#config.buffer).set(limit, CONFIG.LIMIT);
  }

  override handle(_queue: number, request: DeviceRequest): void {
    this.#buffers.push(request);
  }

  /** What the driver has set is forgotten; how warm it is, is not. */
  override reset(): void {
    this.#buffers = [];
    this.#config.setUint16(CONFIG.LIMIT, NO_LIMIT, true);
  }

  /** It gets warmer or colder. */
  become(degrees: number): void {
    this.#config.setUint16(CONFIG.TEMPERATURE, degrees, true);
    this.#host?.configChanged();
    if (degrees < this.#config.getUint16(CONFIG.LIMIT, true)) return;
    this.#buffers.shift()?.complete(this.config().subarray(0, 2));
  }
}
