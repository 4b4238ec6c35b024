import { ENODEV } from '../../../lib/errno';
import { PRIMECELL } from '../layout';
import type { AmbaDevice, AmbaId } from './amba-device';

/**
 * Reads a device's peripheral id, one byte from each word at the end of its window. A device without the signature of a
 * PrimeCell or a CoreSight component stays unknown.
 *
 * @returns 0 or -ENODEV
 * @see drivers/amba/bus.c amba_read_periphid
 */
export function ambaReadPeriphid(dev: AmbaDevice): number {
  const { port } = dev.kernel;
  const end = Number(dev.res.end) + 1;
  if (port === null || !Number.isSafeInteger(end)) return -ENODEV;
  const word = (fromEnd: number): number => port.read(end - fromEnd, 4);
  const bytes = (fromEnd: number): number =>
    [0, 1, 2, 3].reduce((sum, i) => sum + (word(fromEnd - 4 * i) & 0xff) * 2 ** (8 * i), 0);
  const pid = bytes(PRIMECELL.PID_FROM_END);
  const cid = bytes(PRIMECELL.CID_FROM_END);
  if (cid === PRIMECELL.CORESIGHT_CID) {
    dev.uci = { devarch: word(PRIMECELL.DEVARCH_FROM_END), devtype: word(PRIMECELL.DEVTYPE_FROM_END) & 0xff };
  }
  if (cid === PRIMECELL.CID || cid === PRIMECELL.CORESIGHT_CID) [dev.periphid, dev.cid] = [pid, cid];
  return dev.periphid === 0 ? -ENODEV : 0;
}

/** The lines of a table. */
export function ambaIds(table: readonly AmbaId[]): readonly AmbaId[] {
  const end = table.findIndex(({ mask }) => mask === 0);
  return end < 0 ? table : table.slice(0, end);
}

/** The first line that fits. @see drivers/amba/bus.c amba_lookup */
export function ambaLookup(table: readonly AmbaId[], dev: AmbaDevice): AmbaId | null {
  return ambaIds(table).find((id) => (dev.periphid & id.mask) >>> 0 === id.id && ambaCsUciIdMatch(id, dev)) ?? null;
}

/** @see drivers/amba/bus.c amba_cs_uci_id_match */
export function ambaCsUciIdMatch({ data }: AmbaId, { cid, uci }: AmbaDevice): boolean {
  if (cid !== PRIMECELL.CORESIGHT_CID || data === undefined || data.devarchMask === 0) return true;
  return uci.devtype === data.devtype && (uci.devarch & data.devarchMask) >>> 0 === data.devarch;
}
