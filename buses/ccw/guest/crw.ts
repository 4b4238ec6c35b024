import { andThen, type MaySleep } from '../../../lib/may-sleep';
import { CRW, type Crw } from '../layout';
import { cssUpdateSsdInfo } from './chp';
import type { ChannelSubsystem } from './subchannel';
import { cssEvaluateSubchannel } from './scan';

/**
 * Channel reports: a machine check says that there are some, a task fetches them one by one.
 *
 * @see drivers/s390/cio/crw.c
 */
export class ChannelReports {
  readonly #css: ChannelSubsystem;
  #collecting = false;
  #again = false;

  constructor(css: ChannelSubsystem) {
    this.#css = css;
  }

  /** From the machine check: may not sleep. @see crw_handle_channel_report */
  pending(): void {
    this.#again = true;
    if (this.#collecting) return;
    this.#collecting = true;
    const { kernel } = this.#css;
    void kernel.world.spawn(() => this.#collect(), 'kmcheck', kernel);
  }

  /** @see crw_collect_info */
  async #collect(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      for (let crw = this.#css.ioasm.stcrw(); crw !== null; crw = this.#css.ioasm.stcrw()) await this.#handle(crw);
    }
    this.#collecting = false;
  }

  /** What has a set number is chained to what has the subchannel's. */
  #handle(first: Crw): MaySleep<void> {
    if (first.overflow) return this.#overflow();
    const second = first.chained ? this.#css.ioasm.stcrw() : null;
    if (second?.overflow === true) return this.#overflow();
    return first.rsc === CRW.RSC_SCH ? this.#subchannel(first, second) : undefined;
  }

  /** Some were lost: everything may have changed. */
  #overflow(): void {
    this.#css.slowPath.scheduleAll();
  }

  /** @see drivers/s390/cio/css.c css_process_crw */
  #subchannel(first: Crw, second: Crw | null): MaySleep<void> {
    const id = { ssid: second === null ? 0 : (second.rsid >> 4) & 3, schNo: first.rsid };
    const sch = first.erc === CRW.ERC_PMOD ? this.#css.subchannel(id) : null;
    const updated = sch === null ? undefined : cssUpdateSsdInfo(sch);
    return andThen(updated, () => cssEvaluateSubchannel(this.#css, id));
  }
}
