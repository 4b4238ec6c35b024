import { errno, kstrtoint, type ErrnoName } from '../../lib';
import { LabError } from './lab-error';

/** The errno names that the language knows; other negative numbers are shown as such. */
const NAMES: readonly ErrnoName[] = [
  'EPERM',
  'ENOENT',
  'EINTR',
  'EIO',
  'ENXIO',
  'E2BIG',
  'EBADF',
  'EAGAIN',
  'ENOMEM',
  'EACCES',
  'EFAULT',
  'EBUSY',
  'EEXIST',
  'EXDEV',
  'ENODEV',
  'ENOTDIR',
  'EISDIR',
  'EINVAL',
  'ENOSPC',
  'ESPIPE',
  'EROFS',
  'EPIPE',
  'ERANGE',
  'ENAMETOOLONG',
  'ENOSYS',
  'ENOTEMPTY',
  'ELOOP',
  'ENODATA',
  'EPROTO',
  'EOPNOTSUPP',
  'ETIMEDOUT',
  'EPROBE_DEFER',
];
const byName = new Map<string, number>(NAMES.map((name) => [`-${name}`, -errno[name]]));
const byNumber = new Map<number, string>(NAMES.map((name) => [-errno[name], `-${name}`]));

/** What an op ends with: a number, a NULL pointer, or a refusal of the lab. */
export type Result = number | null | LabError;

/** A decimal number that fits an int; null for anything else. */
export function parseInteger(text: string): number | null {
  const value = kstrtoint(text, 10);
  return typeof value === 'bigint' ? Number(value) : null;
}

/** An errno name such as `-EIO`, or a decimal number within +-4000; null for anything else. */
export function parseNum(text: string): number | null {
  if (text.startsWith('-E')) return byName.get(text) ?? null;
  const value = parseInteger(text);
  return value !== null && Math.abs(value) <= 4000 ? value : null;
}

/** How the trace shows a result. */
export function showResult(result: Result): string {
  if (result === null) return 'null';
  if (result instanceof LabError) return `lab:${result.code}`;
  return byNumber.get(result) ?? String(result);
}
