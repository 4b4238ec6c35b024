import { EACCES, EAGAIN, EBUSY, ENODEV, EOPNOTSUPP, errnoOf } from '../../../lib/errno';
import { andThen, type MaySleep } from '../../../lib/may-sleep';
import { attrRo, attrWo, createGroup, removeGroup, type AttributeGroup } from '../../../lib/sysfs';
import { hex, IO_SCH_ISC, SUBCHANNEL_TYPE_IO } from '../layout';
import { ccwBus, CCWDEV_GROUPS } from './ccw-bus';
import { chpGetSchOpm, cssUpdateSsdInfo } from './chp';
import { cioCommitConfig, cioDisableSubchannel, cioEnableSubchannel, cioInitConfig, cioUpdateSchib } from './cio';
import { CDEV_TODO, CcwDevice, type CcwOps } from './device';
import { devFsmEvent, triggerReprobe } from './fsm';
import { ccwDeviceNotify, ccwDeviceRecognition, setDisconnected, setNotoper } from './fsm-done';
import { ioSubchannelQuiesce } from './quiesce';
import { scheduleRecovery } from './recovery';
import { cssBus, SCH_TODO, type CssDriver, type Subchannel } from './subchannel';

/** What the driver keeps for a subchannel. @see drivers/s390/cio/io_sch.h struct io_subchannel_private */
interface IoPrivate {
  cdev: CcwDevice | null;
}

function privateOf(sch: Subchannel): IoPrivate | null {
  return sch.drvdata as IoPrivate | null;
}

/** The device behind a subchannel. @see sch_get_cdev */
export function cdevOf(sch: Subchannel): CcwDevice | null {
  return privateOf(sch)?.cdev ?? null;
}

function setCdev(sch: Subchannel, cdev: CcwDevice | null): void {
  const priv = privateOf(sch);
  if (priv !== null) priv.cdev = cdev;
}

/** Logging is done by a service element that is not there. @see drivers/s390/cio/device.c initiate_logging */
function initiateLogging(sch: Subchannel): number {
  const what = `Logging for subchannel ${String(sch.name)} failed with errno=${String(-EOPNOTSUPP)}`;
  sch.kernel.log.warn(what);
  return -EOPNOTSUPP;
}

/** @see drivers/s390/cio/device.c io_subchannel_attrs */
const IO_SUBCHANNEL_GROUP: AttributeGroup<Subchannel> = {
  attrs: [attrWo<Subchannel>('logging', initiateLogging), attrRo<Subchannel>('vpm', ({ vpm }) => `${hex(vpm, 2)}\n`)],
};

/**
 * Always binds, so that remove is called whatever happens. The device is looked for later.
 *
 * @see drivers/s390/cio/device.c io_subchannel_probe
 */
function probe(sch: Subchannel): number {
  sch.opm = chpGetSchOpm(sch);
  sch.lpm = (sch.schib?.pmcw.pam ?? 0) & sch.opm;
  sch.isc = IO_SCH_ISC;
  cioInitConfig(sch);
  const error = cioCommitConfig(sch) || (sch.sd === null ? -ENODEV : createGroup(sch.sd, IO_SUBCHANNEL_GROUP));
  if (error !== 0) {
    sch.css.schedSchTodo(sch, SCH_TODO.UNREG);
    return 0;
  }
  sch.drvdata = { cdev: null } satisfies IoPrivate;
  sch.css.slowPath.schedule(sch.schid);
  return 0;
}

/** @see drivers/s390/cio/device.c io_subchannel_remove */
async function remove(sch: Subchannel): Promise<void> {
  const cdev = cdevOf(sch);
  if (cdev !== null) {
    await unregisterCdev(cdev);
    setCdev(sch, null);
  }
  if (sch.sd !== null) await removeGroup(sch.sd, IO_SUBCHANNEL_GROUP);
}

/** @see drivers/s390/cio/device.c ccw_device_unregister */
function unregisterCdev(cdev: CcwDevice): MaySleep<void> {
  const gone = cdev.isRegistered ? cdev.del() : undefined;
  return andThen(gone, () => {
    if (!cdev.flags.initialized) return;
    cdev.flags.initialized = false;
    cdev.put();
  });
}

/** What is to be done about a subchannel. @see drivers/s390/cio/device.c enum io_sch_action */
type Action =
  | 'unreg'
  | 'orph-unreg'
  | 'unreg-cdev'
  | 'attach'
  | 'unreg-attach'
  | 'orph-attach'
  | 'reprobe'
  | 'verify'
  | 'disc'
  | 'nop'
  | 'orph-cdev';

/**
 * Reads the state of the subchannel, and calls the driver's notify to see whether it keeps the device.
 *
 * @see sch_get_action
 */
function chooseAction(sch: Subchannel): Action {
  const cdev = cdevOf(sch);
  const error = cioUpdateSchib(sch);
  if (error === -ENODEV) return cdev !== null && keeps(cdev) ? 'orph-unreg' : 'unreg';
  if (error === -EACCES) return cdev === null ? 'nop' : keeps(cdev) ? 'orph-cdev' : 'unreg-cdev';
  if (cdev === null) return 'attach';
  const pmcw = sch.schib?.pmcw;
  if (pmcw?.dev !== cdev.devId.devno) return keeps(cdev) ? 'orph-attach' : 'unreg-attach';
  if ((pmcw.pam & sch.opm) === 0) return ccwDeviceNotify(cdev, 'no-path') === 'keep' ? 'disc' : 'unreg-cdev';
  if (cdev.isDisconnected) return 'reprobe';
  if (cdev.online) return 'verify';
  return cdev.state === 'not-oper' ? 'unreg-attach' : 'nop';
}

function keeps(cdev: CcwDevice): boolean {
  return ccwDeviceNotify(cdev, 'gone') === 'keep';
}

/** What can be done at once. @returns false: the rest needs to sleep */
function actAtOnce(sch: Subchannel, action: Action): boolean {
  const cdev = cdevOf(sch);
  if (action === 'nop') return true;
  if (cdev === null) return false;
  if (action === 'reprobe') triggerReprobe(cdev);
  else if (action === 'verify') cdev.event('verify');
  else if (action === 'disc') setDisconnected(cdev);
  else {
    if (action.startsWith('orph')) setDisconnected(cdev);
    else if (cdev.state === 'sense-id') cdev.event('notoper');
    else setNotoper(cdev);
    return false;
  }
  return true;
}

/**
 * Something happened to the subchannel: finds out what, and does what follows.
 *
 * @see drivers/s390/cio/device.c io_subchannel_sch_event
 */
function schEvent(sch: Subchannel, process: boolean): MaySleep<number> {
  const busy = sch.todo !== SCH_TODO.NOTHING || (cdevOf(sch)?.cdevTodo ?? CDEV_TODO.NOTHING) !== CDEV_TODO.NOTHING;
  if (!sch.isRegistered || busy) return -EAGAIN;
  const action = chooseAction(sch);
  if (actAtOnce(sch, action)) return 0;
  return process ? actAsleep(sch, action) : -EAGAIN;
}

async function actAsleep(sch: Subchannel, action: Action): Promise<number> {
  const cdev = cdevOf(sch);
  if (cdev !== null && action.startsWith('orph')) {
    const moved = await moveToSch(cdev, sch.css.pseudoSubchannel);
    if (moved !== 0) return moved;
  }
  if (cdev !== null && (action === 'unreg-cdev' || action === 'unreg-attach')) {
    setCdev(sch, null);
    await unregisterCdev(cdev);
  }
  if (action === 'unreg' || action === 'orph-unreg') await sch.css.unregister(sch);
  return action.endsWith('attach') ? attach(sch) : 0;
}

/** The device of that number may be known already, on another subchannel or on none. */
async function attach(sch: Subchannel): Promise<number> {
  const known = findCdev(sch);
  if (known === null) {
    await createAndRecog(sch);
    return 0;
  }
  known.get();
  const moved = await moveToSch(known, sch);
  if (moved === 0) triggerReprobe(known);
  known.put();
  return moved;
}

/** @see drivers/s390/cio/device.c get_ccwdev_by_dev_id */
function findCdev(sch: Subchannel): CcwDevice | null {
  const { ssid } = sch.schid;
  const devno = sch.schib?.pmcw.dev;
  for (const dev of sch.kernel.busOf(ccwBus)?.devices() ?? []) {
    if (dev instanceof CcwDevice && dev.devId.ssid === ssid && dev.devId.devno === devno) return dev;
  }
  return null;
}

/** @see drivers/s390/cio/device.c sch_create_and_recog_new_device */
function createAndRecog(sch: Subchannel): MaySleep<void> {
  let cdev: CcwDevice;
  try {
    cdev = new CcwDevice(sch, sch.schib?.pmcw.dev ?? 0, CCW_VERBS);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return sch.css.unregister(sch);
  }
  setCdev(sch, cdev);
  sch.css.recognising += 1;
  ccwDeviceRecognition(cdev);
  return undefined;
}

/**
 * A device keeps its name and its driver when it appears on another subchannel.
 *
 * @returns 0, -EBUSY while I/O runs on the old one, the error of the move
 * @see drivers/s390/cio/device.c ccw_device_move_to_sch
 */
async function moveToSch(cdev: CcwDevice, sch: Subchannel): Promise<number> {
  const old = cdev.sch;
  const wasEnabled = !old.isPseudo && old.schib?.pmcw.ena === true;
  if (wasEnabled && cioDisableSubchannel(old) === -EBUSY) return -EBUSY;
  sch.get();
  const error = await cdev.kernel.ops.deviceMove(cdev, sch, 'parent-before-dev');
  if (error !== 0) {
    if (wasEnabled) cioEnableSubchannel(old);
    sch.put();
    return error;
  }
  if (!old.isPseudo) {
    setCdev(old, null);
    old.css.slowPath.schedule(old.schid);
  }
  old.put();
  if (!sch.isPseudo) {
    setCdev(sch, cdev);
    await cssUpdateSsdInfo(sch);
  }
  return 0;
}

/** A device was recognised: it becomes known. @see drivers/s390/cio/device.c io_subchannel_register */
async function register(cdev: CcwDevice): Promise<void> {
  const { sch } = cdev;
  const isNew = !cdev.isRegistered;
  if (sch.isRegistered) {
    await cssUpdateSsdInfo(sch);
    const error = isNew ? await cdev.kernel.ops.deviceAdd(cdev) : await reprobe(cdev);
    if (error !== 0 && isNew) {
      setCdev(sch, null);
      cdev.put();
    } else {
      cdev.flags.recogDone = true;
      cdev.wake();
    }
  }
  if (isNew) sch.css.recognitionEnded();
}

function reprobe(cdev: CcwDevice): MaySleep<number> {
  return cdev.ccwDriver === null ? cdev.kernel.ops.deviceReprobe(cdev) : 0;
}

/** @see drivers/s390/cio/device.c ccw_device_do_unbind_bind */
async function unbindBind(cdev: CcwDevice): Promise<void> {
  if (!cdev.isRegistered) return;
  await cdev.releaseDriver();
  await cdev.kernel.ops.deviceAttach(cdev);
}

/** @see drivers/s390/cio/device.c ccw_device_todo */
async function todo(cdev: CcwDevice, what: number): Promise<void> {
  const { sch } = cdev;
  if (what === CDEV_TODO.REBIND) await unbindBind(cdev);
  else if (what === CDEV_TODO.REGISTER) await register(cdev);
  else if (what === CDEV_TODO.UNREG || what === CDEV_TODO.UNREG_EVAL) {
    if (what === CDEV_TODO.UNREG_EVAL && !sch.isPseudo) sch.css.slowPath.schedule(sch.schid);
    if (cdevOf(sch) === cdev) setCdev(sch, null);
    await unregisterCdev(cdev);
  }
  cdev.put();
}

/** What devices need of the code that works on them. */
const CCW_VERBS: CcwOps = { bus: ccwBus, groups: CCWDEV_GROUPS, event: devFsmEvent, todo, scheduleRecovery };

/**
 * The driver of I/O subchannels: it recognises the devices behind them, and thus scans the ccw bus.
 *
 * @see drivers/s390/cio/device.c io_subchannel_driver
 */
export const ioSubchannelDriver: CssDriver = {
  name: 'io_subchannel',
  bus: cssBus,
  subchannelTypes: [SUBCHANNEL_TYPE_IO],
  probe,
  remove,
  schEvent,
  irq: (sch, irb) => {
    const cdev = cdevOf(sch);
    if (cdev !== null) devFsmEvent(cdev, 'interrupt', irb);
  },
  shutdown: (sch) => ioSubchannelQuiesce(sch, cdevOf(sch)),
  settle: (css) => andThen(css.waitRecognised(), () => css.workq.flush()),
};
