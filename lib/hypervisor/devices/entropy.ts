import { DEVICE_ID } from '../../virtio/spec';
import { Random } from '../../world/index';
import { COSTS } from '../costs';
import { DeviceModel, type DeviceHost, type DeviceRequest } from '../device-model';

/** How an entropy device is made. */
export interface EntropyOptions {
  readonly name: string;
  /** The same seed gives the same bytes in the same order; default 0. */
  readonly seed?: number;
  /** Service time of a request in ns. */
  readonly latency?: number;
}

const QUEUE_SIZE = 8;

/** Entropy device: fills every buffer wholly. VIRTIO 1.2 §5.4 */
export class EntropyDevice extends DeviceModel {
  readonly deviceId = DEVICE_ID.ENTROPY;
  readonly name: string;
  readonly #random: Random;
  readonly #latency: number;

  constructor(options: EntropyOptions) {
    super();
    this.name = options.name;
    this.#random = new Random(options.seed ?? 0);
    this.#latency = options.latency ?? COSTS.entropy;
  }

  override queueSizes(): readonly number[] {
    return [QUEUE_SIZE];
  }

  override handle(_queue: number, request: DeviceRequest, host: DeviceHost): void {
    host.after(this.#latency, () => request.complete(this.#random.bytes(request.writable)));
  }
}
