import { virtioBus, type Virtqueue, type VirtioDriver } from '../../lib';

/**
 * A driver for the held device that records its callbacks: a queue by its name.
 *
 * @param queues the number of queues that it requests
 * @param found called with them
 */
export function heldDriver(told: string[], queues: number, found: (vqs: readonly Virtqueue[]) => void): VirtioDriver {
  const callback = (vq: Virtqueue): void => void told.push(vq.name);
  const specs = Array.from({ length: queues }, (_, i) => ({ name: `q.${String(i)}`, callback }));
  return {
    name: 'held',
    bus: virtioBus,
    idTable: [{ device: 42 }],
    probe: async (vdev) => void found(await vdev.findVqs(specs)),
    configChanged: () => void told.push('config'),
    remove: async (vdev) => {
      await vdev.reset();
      await vdev.delVqs();
    },
  };
}
