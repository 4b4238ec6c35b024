import { relative } from 'node:path';
import { reporters, Runner, type Hook, type MochaOptions, type Test } from 'mocha';

/** How many of the slowest are listed, and from how many ms on. */
const LISTED = 10;
const LEAST_MS = 100;

/** mocha's own report, and at its end what took longest: tests, hooks and folders. */
class Reporter extends reporters.Spec {
  readonly #times: { readonly where: string; readonly title: string; readonly ms: number }[] = [];

  constructor(runner: Runner, options: MochaOptions) {
    super(runner, options);
    const { EVENT_TEST_END, EVENT_HOOK_END } = Runner.constants;
    runner.on(EVENT_TEST_END, (test) => this.#add(test));
    runner.on(EVENT_HOOK_END, (hook) => this.#add(hook));
  }

  override epilogue(): void {
    super.epilogue();
    print(
      'Took longest:',
      this.#times.map(({ where, title, ms }) => [ms, `${where}: ${title}`]),
    );
    const folders = new Map<string, number>();
    for (const { where, ms } of this.#times) {
      const [folder = ''] = where.split('/');
      folders.set(folder, (folders.get(folder) ?? 0) + ms);
    }
    print(
      'By folder:',
      [...folders].map(([folder, ms]) => [ms, folder]),
    );
  }

  #add(run: Test | Hook): void {
    const where = relative('test', run.file ?? '').replaceAll('\\', '/');
    this.#times.push({ where, title: run.fullTitle(), ms: run.duration ?? 0 });
  }
}

function print(head: string, times: readonly (readonly [ms: number, what: string])[]): void {
  const longest = times
    .filter(([ms]) => ms >= LEAST_MS)
    .sort(([a], [b]) => b - a)
    .slice(0, LISTED);
  const rows = longest.map(([ms, what]) => `  ${(ms / 1000).toFixed(1).padStart(6)} s  ${what}`);
  if (rows.length > 0) console.log([head, ...rows, ''].join('\n'));
}

export = Reporter;
