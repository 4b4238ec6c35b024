import type { BusFixture } from '../../lib/machine';
import { table } from '../commands/table';
import { rangeOf, readClocks } from './figures';
import { IO_WORKLOADS, IoBenchmark, type IoTimes, type IoWorkload } from './io-workloads';

/** How much is measured. */
export interface IoPlan {
  readonly fixtures: readonly BusFixture[];
  readonly rounds: number;
  /** Bytes that each round moves. */
  readonly bytes: number;
}

/** One row: medians of the rounds, in ns of processor time. */
export interface IoSample {
  readonly bus: string;
  readonly workload: string;
  readonly nsPerRequest: number;
  readonly nsPerCopy: number;
  /** The median of the rounds' own ratios: a round and its copies meet the same load of the computer. */
  readonly timesTheCopy: number;
  readonly requestsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** Rounds before anything is measured, so that the compiler has come to rest. */
const WARM_UP = 3;

/** Requests and bytes of each bus, beside the plain copy of the same bytes. */
export async function measureIo({ fixtures, rounds, bytes }: IoPlan): Promise<IoSample[]> {
  const samples: IoSample[] = [];
  for (const fixture of fixtures) {
    const bench = new IoBenchmark(fixture, readClocks);
    await bench.start();
    for (const workload of IO_WORKLOADS) {
      const requests = Math.max(1, Math.floor(bytes / workload.bytes));
      const all: IoTimes[] = [];
      for (let round = 0; round <= WARM_UP + rounds; round++) all.push(await bench.time(workload, requests));
      // The first round after the warm-up is dropped, as of the other workloads.
      samples.push(sampleOf(bench.name, workload, all.slice(WARM_UP + 1)));
    }
  }
  return samples;
}

function sampleOf(bus: string, { name, bytes }: IoWorkload, rounds: readonly IoTimes[]): IoSample {
  const nsPerRequest = rangeOf(rounds.map((round) => round.bus.cpu)).median;
  const requestsPerSecond = Math.round(1e9 / nsPerRequest);
  // In hundredths, for a median is a whole number.
  const ratio = rangeOf(rounds.map((round) => (100 * round.bus.cpu) / round.copy.cpu)).median / 100;
  return {
    bus,
    workload: name,
    nsPerRequest,
    nsPerCopy: rangeOf(rounds.map((round) => round.copy.cpu)).median,
    timesTheCopy: ratio,
    requestsPerSecond,
    bytesPerSecond: requestsPerSecond * bytes,
  };
}

/** The figures as people read them. */
export function ioText(samples: readonly IoSample[]): string {
  const head = ['processor time', 'bus', 'ns a request', 'ns a copy', 'times the copy', 'requests/s', 'MB/s'];
  const rows = samples.map((sample) => [
    sample.workload,
    sample.bus,
    String(sample.nsPerRequest),
    String(sample.nsPerCopy),
    sample.timesTheCopy.toFixed(1),
    String(sample.requestsPerSecond),
    String(Math.round(sample.bytesPerSecond / 1e6)),
  ]);
  return `${table([head, ...rows], { right: (column) => column > 1 })}\n`;
}
