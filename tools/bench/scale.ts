import { fixtureName, type BusFixture } from '../../lib/machine';
import { table } from '../commands/table';
import { rangeOf, readClocks } from './figures';
import { bootMany, SCALE_STEPS, type ScaleTimes } from './scale-workloads';

/** How much is measured. */
export interface ScalePlan {
  readonly fixtures: readonly BusFixture[];
  readonly devices: readonly number[];
  readonly rounds: number;
}

/** One row: medians of the rounds, in ns of processor time for each device. */
export interface ScaleSample {
  readonly bus: string;
  readonly devices: number;
  readonly plug: number;
  readonly scan: number;
  readonly bind: number;
}

/** Devices of the rounds before anything is measured, so that the compiler has come to rest. */
const WARM_UP = [200, 200];

/** Processor time until all devices of a machine are in use, for each of them. */
export async function measureScale({ fixtures, devices, rounds }: ScalePlan): Promise<ScaleSample[]> {
  const samples: ScaleSample[] = [];
  for (const fixture of fixtures) {
    for (const count of WARM_UP) await bootMany(fixture, count, readClocks);
    for (const count of devices) {
      const all: ScaleTimes[] = [];
      for (let round = 0; round < rounds; round++) all.push(await bootMany(fixture, count, readClocks));
      const [plug = 0, scan = 0, bind = 0] = SCALE_STEPS.map(
        (step) => rangeOf(all.map((times) => times[step].cpu / count)).median,
      );
      samples.push({ bus: fixtureName(fixture), devices: count, plug, scan, bind });
    }
  }
  return samples;
}

/** The figures as people read them. */
export function scaleText(samples: readonly ScaleSample[]): string {
  const head = ['ns of processor time a device', 'devices', ...SCALE_STEPS, 'together'];
  const rows = samples.map(({ bus, devices, plug, scan, bind }) => [
    bus,
    ...[devices, plug, scan, bind, plug + scan + bind].map(String),
  ]);
  return `${table([head, ...rows], { right: (column) => column > 0 })}\n`;
}
