import { SingleBar } from 'cli-progress';

/** How far something is. */
export interface ProgressBar {
  readonly update: (done: number, total: number) => void;
  /** Takes the bar off the screen. */
  readonly stop: () => void;
}

/** A bar on standard error; nothing if that is not a terminal. */
export function progressBar(what: string): ProgressBar {
  const format = `{bar} {percentage}% | {value} of {total} ${what} | {eta_formatted} left`;
  const bar = new SingleBar({ format, stream: process.stderr, clearOnComplete: true });
  let running = false;
  return {
    update(done, total) {
      if (!running) bar.start(total, 0);
      running = true;
      bar.update(done);
    },
    stop: () => bar.stop(),
  };
}
