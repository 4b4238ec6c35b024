import type { Device } from '../../../lib/base/device';
import type { Kernel } from '../../../lib/base/kernel';
import { EAGAIN, EINVAL } from '../../../lib/errno';
import { andThen, each, type MaySleep } from '../../../lib/may-sleep';
import { attrRo, attrWo, type AttributeGroup } from '../../../lib/sysfs';
import { MAX_SSID, unpackSchid, VECTOR } from '../layout';
import type { AdapterInterrupts } from './airq';
import { enableMultipleSets } from './chp';
import { cioInterrupt } from './cio';
import { cssSlowPathFunc, evaluateKnown } from './scan';
import { ChannelReports } from './crw';
import { ChannelSubsystem, cssBus, SCH_TODO, Subchannel, type CssDriver } from './subchannel';

/**
 * The one pool of memory for devices: cache lines in use and there, bytes of one, pages.
 *
 * @see mm/dmapool.c pools_show
 */
function poolsShow({ cacheLines }: AdapterInterrupts): string {
  const numbers = [cacheLines, 16 * cacheLines, 256].map((n) => String(n).padStart(4)).join(' ');
  return `poolinfo - 0.1\nairq_iv_cache    ${numbers} ${String(cacheLines).padStart(2)}\n`;
}

/** The machine does not provide the id of the channel subsystem. @see css.c real_cssid_show */
function cssGroups(css: ChannelSubsystem): readonly AttributeGroup<Device>[] {
  return [
    {
      attrs: [
        attrRo<Device>('real_cssid', () => -EINVAL),
        attrRo<Device>('pools', () => poolsShow(css.airq)),
        attrWo<Device>('rescan', () => cssRescan(css)),
      ],
    },
  ];
}

/** @see drivers/s390/cio/css.c css_sch_todo */
function cssSchTodo(sch: Subchannel): MaySleep<void> {
  const { todo } = sch;
  sch.todo = SCH_TODO.NOTHING;
  const evaluated = todo === SCH_TODO.EVAL ? evaluate(sch) : undefined;
  const done = todo === SCH_TODO.UNREG ? sch.css.unregister(sch) : evaluated;
  return andThen(done, () => sch.put());
}

function evaluate(sch: Subchannel): MaySleep<void> {
  return andThen(evaluateKnown(sch, true), (result) => {
    if (result === -EAGAIN) sch.css.schedSchTodo(sch, SCH_TODO.EVAL);
  });
}

/** The channel subsystem of a kernel; made at first use. */
export function channelSubsystem(kernel: Kernel): ChannelSubsystem {
  return kernel.stateOf(make);
}

function make(kernel: Kernel): ChannelSubsystem {
  return new ChannelSubsystem(kernel, { groups: cssGroups, todo: cssSchTodo, slowPath: cssSlowPathFunc });
}

/**
 * Requests the interrupts, then registers css0 and its orphanage.
 *
 * @see drivers/s390/cio/css.c css_bus_init, setup_css
 */
export async function cssBusInit(css: ChannelSubsystem): Promise<void> {
  const { kernel, airq } = css;
  css.maxSsid = enableMultipleSets(css.ioasm) ? MAX_SSID : 0;
  await kernel.registerBus(cssBus);
  await css.root.register();
  css.pseudo = new Subchannel(css, null, null);
  await css.pseudo.register();
  const reports = new ChannelReports(css);
  kernel.irq.request(VECTOR.IO, (code) => interrupt(css, code), 'I/O');
  kernel.irq.request(VECTOR.THIN, () => airq.scan(), 'AIO');
  kernel.irq.request(VECTOR.MACHINE_CHECK, () => reports.pending(), 'NMI');
}

/** @see drivers/s390/cio/cio.c do_cio_interrupt */
function interrupt(css: ChannelSubsystem, code: bigint): void {
  const id = unpackSchid(Number(code >> 32n));
  if (id !== undefined) cioInterrupt(css.ioasm, id, css.byToken(Number(code & 0xffff_ffffn)));
}

/** Evaluates all subchannels again, and waits. @see drivers/s390/cio/css.c rescan_store, css_complete_work */
export function cssRescan(css: ChannelSubsystem): MaySleep<void> {
  const { slowPath, workq } = css;
  slowPath.scheduleAll();
  return andThen(slowPath.wait(), () => andThen(workq.flush(), () => settle(css)));
}

function settle(css: ChannelSubsystem): MaySleep<void> {
  const drivers = css.kernel.busOf(cssBus)?.drivers() ?? [];
  return each(drivers, (drv) => (drv.def as unknown as CssDriver).settle?.(css));
}
