import {
  Completion,
  ErrnoError,
  virtioBus,
  type AttributeGroup,
  type VirtioDevice,
  type VirtioDriver,
  type Virtqueue,
} from '../../../lib';
import { DICE_ID } from './dice-device';

/** The driver's data of one device. */
class Dice {
  readonly #done = new Completion();
  readonly #throws: number[] = [];

  constructor(
    readonly vdev: VirtioDevice,
    readonly sides: number,
  ) {}

  async roll(): Promise<number> {
    const [vq] = this.vdev.vqs;
    this.#done.reinit();
    if (vq?.add({ in: [1] }, this) !== 0 || !vq.kick()) throw new ErrnoError('EIO');
    await this.#done.wait(this.vdev.kernel.world, 'a throw');
    const thrown = this.#throws.shift();
    if (thrown === undefined) throw new ErrnoError('EIO');
    return thrown;
  }

  /** The device has completed a request. */
  received(vq: Virtqueue): void {
    this.#throws.push(...(vq.getBuf()?.data[0] ?? []));
    this.stop();
  }

  /** Wakes the reader. */
  stop(): void {
    this.#done.complete(this.vdev.kernel.world);
  }
}

function diceOf(vdev: VirtioDevice): Dice {
  return vdev.drvdata as Dice;
}

const files: AttributeGroup<VirtioDevice> = {
  attrs: [
    { name: 'sides', mode: 0o444, show: (vdev) => `${String(diceOf(vdev).sides)}\n` },
    { name: 'roll', mode: 0o444, show: async (vdev) => `${String(await diceOf(vdev).roll())}\n` },
  ],
};

export const virtioDice: VirtioDriver = {
  name: 'virtio_dice',
  bus: virtioBus,
  idTable: [{ device: DICE_ID }],
  devGroups: [files],
  async probe(vdev) {
    const [sides = 0] = await vdev.transport.getConfig(0, 1);
    if (sides < 2) throw new ErrnoError('ENODEV');
    const dice = new Dice(vdev, sides);
    vdev.drvdata = dice;
    await vdev.findSingleVq({ name: 'throws', callback: (vq) => dice.received(vq) });
  },
  async remove(vdev) {
    await vdev.reset();
    await vdev.delVqs();
  },
  broken: (vdev) => diceOf(vdev).stop(),
};
