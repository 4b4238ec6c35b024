import { counter, type Sizes } from './work-counts';
import { parentPort, workerData } from 'node:worker_threads';
import { fixtures } from '../../buses';
import { fixtureName } from '../../lib/machine';
import { bootMany } from '../../tools/bench/scale-workloads';

const NO_TIME = { wall: 0, cpu: 0 };

/** In a thread of its own: boots machines of two sizes on each bus, and posts what ran for each two devices. */
async function run(sizes: Sizes): Promise<void> {
  for (const fixture of fixtures) {
    const boot = async (devices: number): Promise<void> => void (await bootMany(fixture, devices, () => NO_TIME));
    parentPort?.postMessage([fixtureName(fixture), await counter.superlinearBlocks(boot, sizes)]);
  }
}

void run(workerData as Sizes);
