import { Device } from '../../../lib/base/device';
import { EINVAL, EOPNOTSUPP } from '../../../lib/errno';
import { cString, scanNumber, skipSpaces } from '../../../lib/kstrtox';
import { andThen, each, type MaySleep } from '../../../lib/may-sleep';
import { attrRo, attrRw, type AttributeGroup } from '../../../lib/sysfs';
import { CHSC, hex, viewOf } from '../layout';
import type { Ioasm } from './ioasm';
import { cssBus, Subchannel, type ChannelSubsystem } from './subchannel';

/**
 * A channel path below css0. It has neither bus nor class, so it sends no events.
 *
 * @see drivers/s390/cio/chp.h struct channel_path
 */
class ChannelPathDevice extends Device {
  isOnline = true;

  constructor(
    readonly css: ChannelSubsystem,
    readonly chpid: number,
    readonly pathType: number,
  ) {
    super(css.kernel, {
      name: `chp0.${hex(chpid, 2)}`,
      parent: css.root,
      groups: CHP_GROUPS,
      release: () => undefined,
    });
  }
}

/** @see drivers/s390/cio/chp.c chp_status_write */
function statusStore(chp: ChannelPathDevice, text: string): MaySleep<number | undefined> {
  if (cString(text) === '') return undefined;
  const word = /^[^\t-\r ]{0,5}/.exec(skipSpaces(text))?.[0].toLowerCase() ?? '';
  return andThen(chp.css.workq.flush(), () => {
    if (word.startsWith('on') || word === '1') return vary(chp, true);
    return word.startsWith('off') || word === '0' ? vary(chp, false) : -EINVAL;
  });
}

/** A device whose last path is varied off goes; it is found again when one is varied on. @see s390_vary_chpid */
function vary(chp: ChannelPathDevice, isOnline: boolean): MaySleep<undefined> {
  const { css } = chp;
  if (chp.isOnline === isOnline) return undefined;
  chp.isOnline = isOnline;
  for (const sch of css.kernel.busOf(cssBus)?.devices() ?? []) {
    const mask = sch instanceof Subchannel ? maskOf(sch, chp.chpid) : 0;
    if (!(sch instanceof Subchannel) || mask === 0) continue;
    sch.opm = isOnline ? sch.opm | mask : sch.opm & ~mask;
    sch.lpm = (sch.schib?.pmcw.pam ?? 0) & sch.opm;
    css.slowPath.schedule(sch.schid);
  }
  return andThen(css.slowPath.wait(), () => andThen(css.workq.flush(), () => undefined));
}

/** Which of its paths it is. @see chp_ssd_get_mask */
function maskOf({ ssdMask, ssdChpids }: Subchannel, id: number): number {
  return ssdChpids.reduce((mask, each, i) => (each === id ? mask | (ssdMask & (0x80 >> i)) : mask), 0);
}

/** Paths of a subchannel that are not varied off. @see drivers/s390/cio/chp.c chp_get_sch_opm */
export function chpGetSchOpm(sch: Subchannel): number {
  const off = [...sch.css.paths.values()].filter((chp) => chp instanceof ChannelPathDevice && !chp.isOnline);
  return off.reduce((opm, chp) => opm & ~maskOf(sch, (chp as ChannelPathDevice).chpid), 0xff);
}

/**
 * 0 and 1 are accepted without effect: there is no service element that could configure a path.
 *
 * @see drivers/s390/cio/chp.c chp_configure_write
 */
function configureStore(text: string): number | undefined {
  const number = scanNumber(text, '%d');
  if (number === null || skipSpaces(number.rest) !== '') return -EINVAL;
  return [0n, 1n].includes(BigInt.asIntN(32, number.value)) ? undefined : -EINVAL;
}

/** @see drivers/s390/cio/chp.c chp_attrs */
const CHP_GROUPS: readonly AttributeGroup<ChannelPathDevice>[] = [
  {
    attrs: [
      attrRw<ChannelPathDevice>('status', ({ isOnline }) => (isOnline ? 'online\n' : 'offline\n'), statusStore),
      attrRw<ChannelPathDevice>(
        'configure',
        () => -EOPNOTSUPP,
        (_chp, text) => configureStore(text),
      ),
      attrRo<ChannelPathDevice>('type', ({ pathType }) => `${pathType.toString(16)}\n`),
      attrRo<ChannelPathDevice>('cmg', () => 'unknown\n'),
      attrRo<ChannelPathDevice>('shared', () => 'unknown\n'),
      attrRo<ChannelPathDevice>('chid', () => ''),
      attrRo<ChannelPathDevice>('chid_external', () => ''),
      attrRo<ChannelPathDevice>('esc', () => '0\n'),
    ],
    binAttrs: [{ name: 'util_string', mode: 0o444, size: 64, read: (_chp, _offset, count) => new Uint8Array(count) }],
  },
];

/**
 * Reads the paths of a subchannel and registers new ones. The machine has no CHSC command that describes a subchannel,
 * so they come from the path management control word.
 *
 * @see drivers/s390/cio/css.c css_update_ssd_info, ssd_from_pmcw
 */
export function cssUpdateSsdInfo(sch: Subchannel): MaySleep<void> {
  const pmcw = sch.schib?.pmcw;
  sch.ssdMask = pmcw?.pim ?? 0;
  sch.ssdChpids = pmcw?.chpid ?? [];
  const ids = sch.ssdChpids.filter((_, i) => (sch.ssdMask & (0x80 >> i)) !== 0);
  return each(ids, (id) => chpNew(sch.css, id));
}

/** A path that the machine does not describe is not registered. @see drivers/s390/cio/chp.c chp_new */
function chpNew(css: ChannelSubsystem, id: number): MaySleep<void> {
  if (css.paths.has(id)) return undefined;
  const type = describePath(css.ioasm, id);
  if (type === null) return undefined;
  const chp = new ChannelPathDevice(css, id, type);
  css.paths.set(id, chp);
  return andThen(css.kernel.ops.deviceAdd(chp), (error) => {
    if (error === 0) return;
    css.paths.delete(id);
    chp.put();
  });
}

/** @returns the path's type @see drivers/s390/cio/chsc.c chsc_determine_fmt0_channel_path_desc */
function describePath(ioasm: Ioasm, id: number): number | null {
  const request = new Uint8Array(CHSC.SCPD_REQUEST);
  const view = viewOf(request);
  view.setUint16(0, request.length);
  view.setUint16(CHSC.COMMAND, CHSC.SCPD);
  view.setUint8(7, id);
  view.setUint8(11, id);
  const response = ioasm.chsc(request);
  if (response === null || viewOf(response).getUint16(2) !== CHSC.RESPONSE_OK) return null;
  const length = viewOf(response).getUint16(0);
  const [flags = 0, , type = 0] = response.subarray(8, length);
  return (flags & 0x80) === 0 ? null : type;
}

/** Asks for more than one subchannel set. @see drivers/s390/cio/chsc.c chsc_enable_facility */
export function enableMultipleSets(ioasm: Ioasm): boolean {
  const request = new Uint8Array(CHSC.SDA_REQUEST);
  const view = viewOf(request);
  view.setUint16(0, request.length);
  view.setUint16(CHSC.COMMAND, CHSC.SDA);
  view.setUint16(6, CHSC.SDA_OC_MSS);
  const response = ioasm.chsc(request);
  return response !== null && viewOf(response).getUint16(2) === CHSC.RESPONSE_OK;
}
