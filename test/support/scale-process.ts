import { counter, type Sizes } from './work-counts';
import { fixtures } from '../../buses';
import { fixtureName } from '../../lib/machine';
import { bootMany } from '../../tools/bench/scale-workloads';

const NO_TIME = { wall: 0, cpu: 0 };

/** In a process of its own: boots machines of two sizes on each bus, and sends what ran for each two devices. */
async function run(sizes: Sizes): Promise<void> {
  for (const fixture of fixtures) {
    const boot = async (devices: number): Promise<void> => void (await bootMany(fixture, devices, () => NO_TIME));
    process.send?.([fixtureName(fixture), await counter.superlinearBlocks(boot, sizes)]);
  }
}

const [from = 0, to = 0] = process.argv.slice(2).map(Number);
void run([from, to]);
