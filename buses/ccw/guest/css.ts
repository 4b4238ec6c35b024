import { Device } from '../../../lib/base/device';
import type { Kernel } from '../../../lib/base/kernel';
import { EAGAIN, EINVAL, ErrnoError } from '../../../lib/errno';
import type { DmaBuffer } from '../../../lib/access';
import { andThen, each, type MaySleep } from '../../../lib/may-sleep';
import { attrRo, attrWo, type AttributeGroup } from '../../../lib/sysfs';
import { WaitQueue, Workqueue, type Timer } from '../../../lib/world';
import { MAX_SSID, unpackSchid, VECTOR, type SubchannelId } from '../layout';
import { AdapterInterrupts, AIRQ_BYTES } from './airq';
import { enableMultipleSets } from './chp';
import { cioInterrupt } from './cio';
import { Ioasm, IOASM_BYTES } from './ioasm';
import { evaluateKnown, SlowPath } from './scan';
import { ChannelReports } from './crw';
import { cssBus, SCH_TODO, Subchannel, type CssDriver } from './subchannel';

/**
 * The channel subsystem of one kernel: the instructions, the root of the devices, the work in the background.
 *
 * @see drivers/s390/cio/css.h struct channel_subsystem
 */
export class ChannelSubsystem {
  readonly ioasm: Ioasm;
  readonly airq: AdapterInterrupts;
  readonly root: Device;
  readonly slowPath: SlowPath;
  readonly reports: ChannelReports;
  /** One worker for all that is done to subchannels and their devices. @see css.c cio_work_q */
  readonly workq: Workqueue;
  readonly paths = new Map<number, Device>();
  /**
   * Devices that are being recognised, to wait for them.
   *
   * @see device.c ccw_device_init_count
   */
  recognising = 0;
  recoveryTimer: Timer | null = null;
  recoveryPhase = 0;
  /** Highest subchannel set. */
  maxSsid = 0;
  #pseudo: Subchannel | null = null;
  readonly #area: DmaBuffer;
  readonly #tokens = new Map<number, Subchannel>();
  #lastToken = 0;
  readonly #recognised = new WaitQueue();

  /** @throws ErrnoError ENODEV in a kernel without a host, ENOMEM */
  constructor(readonly kernel: Kernel) {
    const { dma, port } = kernel;
    if (dma === null || port === null) throw new ErrnoError('ENODEV', { syscall: 'css_bus_init', path: kernel.name });
    this.#area = dma.alloc(IOASM_BYTES + AIRQ_BYTES, 4096, 'css0');
    this.ioasm = new Ioasm(port, this.#area);
    this.airq = new AdapterInterrupts(port.memory, this.#area.address + IOASM_BYTES);
    this.workq = new Workqueue(kernel.world, 'cio', kernel);
    this.slowPath = new SlowPath(this);
    this.reports = new ChannelReports(this);
    this.root = new Device(kernel, { name: 'css0', groups: cssGroups(this), release: () => this.#area.free() });
  }

  /** Where devices without a subchannel are kept: `defunct`. */
  get pseudoSubchannel(): Subchannel {
    if (this.#pseudo === null) throw new Error('the channel subsystem is not registered');
    return this.#pseudo;
  }

  /** Requests the interrupts, then registers css0 and its orphanage. @see css.c css_bus_init, setup_css */
  async register(): Promise<void> {
    const { irq } = this.kernel;
    this.maxSsid = enableMultipleSets(this.ioasm) ? MAX_SSID : 0;
    await this.kernel.registerBus(cssBus);
    await this.root.register();
    this.#pseudo = new Subchannel(this, null, null);
    await this.#pseudo.register();
    irq.request(VECTOR.IO, (code) => this.#interrupt(code), 'I/O');
    irq.request(VECTOR.THIN, () => this.airq.scan(), 'AIO');
    irq.request(VECTOR.MACHINE_CHECK, () => this.reports.pending(), 'NMI');
  }

  /** Subchannels in the order of their registration. */
  subchannels(): Iterable<Subchannel> {
    return (this.kernel.busOf(cssBus)?.devices() ?? []) as Iterable<Subchannel>;
  }

  /** @see css.c get_subchannel_by_schid */
  subchannel({ ssid, schNo }: SubchannelId): Subchannel | null {
    for (const sch of this.subchannels()) if (sch.schid.ssid === ssid && sch.schid.schNo === schNo) return sch;
    return null;
  }

  /** Returns when all that was found is evaluated, recognised and registered. @see css.c css_complete_work */
  completeWork(): MaySleep<void> {
    return andThen(this.slowPath.wait(), () => andThen(this.workq.flush(), () => this.#settle()));
  }

  /** Evaluates all subchannels again, and waits. @see css.c rescan_store */
  rescan(): MaySleep<void> {
    this.slowPath.scheduleAll();
    return this.completeWork();
  }

  /** A number for interrupts to come back with. */
  tokenOf(sch: Subchannel): number {
    this.#lastToken += 1;
    this.#tokens.set(this.#lastToken, sch);
    return this.#lastToken;
  }

  /** The subchannel is released. @see css.c css_subchannel_release */
  forget(sch: Subchannel): void {
    this.#tokens.delete(sch.token);
  }

  /** Has work done on a subchannel, unless more important work waits. @see css.c css_sched_sch_todo */
  schedSchTodo(sch: Subchannel, todo: number): void {
    if (sch.todo >= todo) return;
    sch.get();
    sch.todo = todo;
    if (!this.workq.queue(sch.todoWork)) sch.put();
  }

  /** @see css.c css_sch_todo */
  schTodo(sch: Subchannel): MaySleep<void> {
    const { todo } = sch;
    sch.todo = SCH_TODO.NOTHING;
    const evaluated = todo === SCH_TODO.EVAL ? this.#evaluate(sch) : undefined;
    const done = todo === SCH_TODO.UNREG ? this.unregister(sch) : evaluated;
    return andThen(done, () => sch.put());
  }

  /** @see css.c css_sch_device_unregister */
  unregister(sch: Subchannel): MaySleep<void> {
    return sch.isRegistered ? sch.unregister() : undefined;
  }

  /** One device less to wait for. @see device.c ccw_device_init_wq */
  recognitionEnded(): void {
    this.recognising -= 1;
    if (this.recognising === 0) this.#recognised.wakeAll(this.kernel.world);
  }

  /** Returns when no device is being recognised. @see device.c io_subchannel_settle */
  waitRecognised(): MaySleep<void> {
    return this.#recognised.waitUntil(this.kernel.world, () => this.recognising === 0, 'ccw_device_init_wq');
  }

  #evaluate(sch: Subchannel): MaySleep<void> {
    return andThen(evaluateKnown(sch, true), (result) => {
      if (result === -EAGAIN) this.schedSchTodo(sch, SCH_TODO.EVAL);
    });
  }

  #settle(): MaySleep<void> {
    const drivers = this.kernel.busOf(cssBus)?.drivers() ?? [];
    return each(drivers, (drv) => (drv.def as unknown as CssDriver).settle?.(this));
  }

  /** @see cio.c do_cio_interrupt */
  #interrupt(code: bigint): void {
    const id = unpackSchid(Number(code >> 32n));
    if (id !== undefined) cioInterrupt(this.ioasm, id, this.#tokens.get(Number(code & 0xffff_ffffn)) ?? null);
  }
}

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
        attrWo<Device>('rescan', () => css.rescan()),
      ],
    },
  ];
}
