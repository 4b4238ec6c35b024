/**
 * The driver of virtio entropy sources.
 *
 * @module linux-driver-model/drivers/virtio_rng
 */
import { EIO, ENODEV } from '../lib/errno';
import { Ida } from '../lib/ida';
import { andThen, orUndo, type MaySleep } from '../lib/may-sleep';
import { hwrng, registerHwrng, type HwrngSource } from '../lib/subsystems';
import { DEVICE_ID, virtioBus, type VirtioDevice, type VirtioDriver, type Virtqueue } from '../lib/virtio';
import { Completion } from '../lib/world';

/** Bytes of one request. */
const DATA_SIZE = 64;
const rngIndexIda = (): Ida => new Ida();

/**
 * Entropy device: one request is always with the device, so that there are bytes before the first read.
 *
 * @see drivers/char/hw_random/virtio-rng.c, VIRTIO 1.2 §5.4
 */
class VirtioRng implements HwrngSource {
  readonly name: string;
  quality = 1000;
  removed = false;
  readonly #haveData = new Completion();
  #vq: Virtqueue | null = null;
  #data: Uint8Array = new Uint8Array(0);
  #requested = false;

  constructor(
    readonly vdev: VirtioDevice,
    readonly index: number,
  ) {
    this.name = `virtio_rng.${String(index)}`;
  }

  start(): MaySleep<void> {
    const spec = { name: 'input', callback: (vq: Virtqueue) => this.#received(vq) };
    return andThen(this.vdev.findSingleVq(spec), (vq) => {
      this.#vq = vq;
      return andThen(this.vdev.ready(), () => void this.#request());
    });
  }

  /** Bytes that came, in the order in which they came. @see virtio_read */
  async read(max: number, wait: boolean): Promise<Uint8Array | number> {
    if (this.removed) return -ENODEV;
    const bytes = [...this.#take(max)];
    while (wait && bytes.length < max) {
      if (!this.#requested && !this.#request()) return -EIO;
      await this.#haveData.wait(this.vdev.kernel.world, this.name);
      if (this.#data.length === 0) break;
      bytes.push(...this.#take(max - bytes.length));
    }
    return Uint8Array.from(bytes);
  }

  /** Ends reads that wait: nothing will come. */
  wake(): void {
    this.#data = new Uint8Array(0);
    this.#requested = false;
    this.#haveData.complete(this.vdev.kernel.world);
  }

  #take(max: number): Uint8Array {
    const taken = this.#data.subarray(0, max);
    this.#data = this.#data.subarray(max);
    if (taken.length > 0 && this.#data.length === 0) this.#request();
    return taken;
  }

  #request(): boolean {
    this.#haveData.reinit();
    this.#requested = this.#vq?.add({ in: [DATA_SIZE] }, this) === 0 && this.#vq.kick();
    return this.#requested;
  }

  /** @see random_recv_done */
  #received(vq: Virtqueue): void {
    const done = vq.getBuf();
    if (done === undefined && !vq.broken) return;
    this.wake();
    this.#data = done?.data[0] ?? this.#data;
  }
}

/** @see probe_common */
function probeCommon(vdev: VirtioDevice): MaySleep<void> {
  const index = vdev.kernel.stateOf(rngIndexIda).alloc();
  const rng = new VirtioRng(vdev, index);
  vdev.drvdata = rng;
  return orUndo(
    () => rng.start(),
    () => removeCommon(vdev),
  );
}

/** @see virtrng_scan */
function register(vdev: VirtioDevice): MaySleep<void> {
  return andThen(registerHwrng(vdev.kernel), (core) => void core.register(vdev.drvdata as VirtioRng));
}

/** Also after a freeze whose restore failed: then some parts do not exist. @see remove_common */
async function removeCommon(vdev: VirtioDevice): Promise<void> {
  const rng = vdev.drvdata as VirtioRng;
  const before = rng.removed;
  rng.removed = true;
  rng.wake();
  await hwrng(vdev.kernel).unregister(rng);
  await vdev.reset();
  await vdev.delVqs();
  if (!before) vdev.kernel.stateOf(rngIndexIda).free(rng.index);
}

/** A source of hw_random. @see drivers/char/hw_random/virtio-rng.c virtio_rng_driver */
export const virtioRng: VirtioDriver = {
  name: 'virtio_rng',
  bus: virtioBus,
  idTable: [{ device: DEVICE_ID.ENTROPY }],
  probe: probeCommon,
  scan: register,
  broken: (vdev) => (vdev.drvdata as VirtioRng).wake(),
  remove: removeCommon,
  freeze: removeCommon,
  restore: (vdev) => andThen(probeCommon(vdev), () => register(vdev)),
};
