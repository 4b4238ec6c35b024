import { EBUSY, ENODEV } from '../../../lib/errno';
import type { DmaBuffer } from '../../../lib/access';
import { Mutex, WaitQueue } from '../../../lib/world';
import { packCcw1 } from '../layout/ccw';
import type { CcwDevice } from '../guest/device';
import { ccwDeviceStart } from '../guest/device-ops';

/** ns until a busy device is tried again: first, and at most. */
const RETRY_NS = 1000;
const MAX_RETRY_NS = 10_000_000;
/** ns that a command may take, as long as the programs of the channel subsystem's own. Linux waits for ever. */
const TIMEOUT_NS = 10e9;

/** One command: its code and its data. */
export interface ChannelCommand {
  readonly code: number;
  readonly flags?: number;
  /** What is in the data area when it starts; as long as what the device is to read or write. */
  readonly data: Uint8Array;
}

/** How it ended, and what is in the data area then. */
export interface ChannelResult {
  readonly error: number;
  readonly data: Uint8Array;
}

/**
 * Runs channel programs of one command each, one after the other; each sleeps until the command has ended.
 *
 * @see drivers/s390/virtio/virtio_ccw.c ccw_io_helper
 */
export class ChannelIo {
  readonly #cdev: CcwDevice;
  readonly #area: DmaBuffer;
  readonly #lock = new Mutex();
  readonly #done = new WaitQueue();
  #running = 0;
  #error = 0;
  #count = 0;

  /** @param area 8 bytes for the command, then room for the data */
  constructor(cdev: CcwDevice, area: DmaBuffer) {
    this.#cdev = cdev;
    this.#area = area;
  }

  /**
   * @returns -EOPNOTSUPP for a command that the device does not have; -EIO; -ETIMEDOUT when it does not end; the error
   *   of the start
   */
  async run({ code, flags = 0, data }: ChannelCommand): Promise<ChannelResult> {
    const { world, port } = this.#cdev.kernel;
    if (port === null) return { error: -ENODEV, data };
    await this.#lock.lock(world, 'io_lock', this.#cdev.name);
    const address = this.#area.address + 8;
    const ccw = { command: code, flags, count: data.length, address: data.length === 0 ? 0 : address };
    port.memory.write(address, data);
    port.memory.write(this.#area.address, packCcw1(ccw));
    const error = (await this.#start(code)) || (await this.#wait(code));
    const answer = port.memory.read(address, data.length);
    this.#lock.unlock(world);
    return { error, data: answer };
  }

  /** From the interrupt: the command of this parameter has ended. */
  ended(intparm: number, error: number): void {
    if (intparm === 0 || intparm !== this.#running) return;
    this.#running = 0;
    this.#error = error;
    this.#done.wakeAll(this.#cdev.kernel.world);
  }

  /** A busy device is tried again, with increasing delay. */
  async #start(code: number): Promise<number> {
    const { world } = this.#cdev.kernel;
    const giveUp = world.now + TIMEOUT_NS;
    this.#count = (this.#count + 1) & 0xffff;
    for (let pause = RETRY_NS; ; pause = Math.min(2 * pause, MAX_RETRY_NS)) {
      this.#running = code * 0x10000 + this.#count;
      const result = ccwDeviceStart(this.#cdev, this.#area.address, this.#running, { expires: TIMEOUT_NS });
      if (result === 0) return 0;
      this.#running = 0;
      if (result !== -EBUSY || world.now >= giveUp) return result;
      await world.sleep(pause);
    }
  }

  async #wait(code: number): Promise<number> {
    const what = `virtio_ccw command 0x${code.toString(16)} of ${String(this.#cdev.name)}`;
    await this.#done.waitUntil(this.#cdev.kernel.world, () => this.#running === 0, what);
    return this.#error;
  }
}
