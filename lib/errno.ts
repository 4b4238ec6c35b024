/**
 * Error numbers of Linux (asm-generic) with the texts that glibc prints, and the exception that carries one.
 *
 * Inside the core results are numbers as in the kernel: 0, negative errno, positive.
 * Public methods throw {@link ErrnoError}; drivers may throw it or return the number.
 *
 * @see include/uapi/asm-generic/errno-base.h, errno.h, include/linux/errno.h
 */

const TABLE = [
  ['EPERM', 1, 'Operation not permitted'],
  ['ENOENT', 2, 'No such file or directory'],
  ['ESRCH', 3, 'No such process'],
  ['EINTR', 4, 'Interrupted system call'],
  ['EIO', 5, 'Input/output error'],
  ['ENXIO', 6, 'No such device or address'],
  ['E2BIG', 7, 'Argument list too long'],
  ['EBADF', 9, 'Bad file descriptor'],
  ['ECHILD', 10, 'No child processes'],
  ['EAGAIN', 11, 'Resource temporarily unavailable'],
  ['ENOMEM', 12, 'Cannot allocate memory'],
  ['EACCES', 13, 'Permission denied'],
  ['EFAULT', 14, 'Bad address'],
  ['ENOTBLK', 15, 'Block device required'],
  ['EBUSY', 16, 'Device or resource busy'],
  ['EEXIST', 17, 'File exists'],
  ['EXDEV', 18, 'Invalid cross-device link'],
  ['ENODEV', 19, 'No such device'],
  ['ENOTDIR', 20, 'Not a directory'],
  ['EISDIR', 21, 'Is a directory'],
  ['EINVAL', 22, 'Invalid argument'],
  ['ENFILE', 23, 'Too many open files in system'],
  ['EMFILE', 24, 'Too many open files'],
  ['ENOTTY', 25, 'Inappropriate ioctl for device'],
  ['ETXTBSY', 26, 'Text file busy'],
  ['EFBIG', 27, 'File too large'],
  ['ENOSPC', 28, 'No space left on device'],
  ['ESPIPE', 29, 'Illegal seek'],
  ['EROFS', 30, 'Read-only file system'],
  ['EMLINK', 31, 'Too many links'],
  ['EPIPE', 32, 'Broken pipe'],
  ['EDOM', 33, 'Numerical argument out of domain'],
  ['ERANGE', 34, 'Numerical result out of range'],
  ['EDEADLK', 35, 'Resource deadlock avoided'],
  ['ENAMETOOLONG', 36, 'File name too long'],
  ['ENOSYS', 38, 'Function not implemented'],
  ['ENOTEMPTY', 39, 'Directory not empty'],
  ['ELOOP', 40, 'Too many levels of symbolic links'],
  ['ENODATA', 61, 'No data available'],
  ['ETIME', 62, 'Timer expired'],
  ['EPROTO', 71, 'Protocol error'],
  ['EBADMSG', 74, 'Bad message'],
  ['EOVERFLOW', 75, 'Value too large for defined data type'],
  ['EILSEQ', 84, 'Invalid or incomplete multibyte or wide character'],
  ['EUSERS', 87, 'Too many users'],
  ['EMSGSIZE', 90, 'Message too long'],
  ['EOPNOTSUPP', 95, 'Operation not supported'],
  ['EADDRNOTAVAIL', 99, 'Cannot assign requested address'],
  ['ENETDOWN', 100, 'Network is down'],
  ['ENOBUFS', 105, 'No buffer space available'],
  ['ESHUTDOWN', 108, 'Cannot send after transport endpoint shutdown'],
  ['ETIMEDOUT', 110, 'Connection timed out'],
  ['EALREADY', 114, 'Operation already in progress'],
  ['EINPROGRESS', 115, 'Operation now in progress'],
  ['ECANCELED', 125, 'Operation canceled'],
  ['EPROBE_DEFER', 517, 'Unknown error 517'],
] as const;

/** Name of an error number that the table knows. */
export type ErrnoName = (typeof TABLE)[number][0];

/** Positive numbers by name: `-errno.ENODEV` is what a kernel function returns. */
export const errno = Object.freeze(Object.fromEntries(TABLE.map(([name, no]) => [name, no]))) as Readonly<
  Record<ErrnoName, number>
>;

export const {
  EPERM,
  ENOENT,
  EIO,
  ENXIO,
  EAGAIN,
  ENOMEM,
  EACCES,
  EFAULT,
  EBUSY,
  EEXIST,
  ENODEV,
  ENOTDIR,
  EISDIR,
  EINVAL,
  EFBIG,
  ENOSPC,
  ERANGE,
  ELOOP,
  ENODATA,
  EPROTO,
  EOVERFLOW,
  EILSEQ,
  EUSERS,
  EOPNOTSUPP,
  ETIMEDOUT,
  EPROBE_DEFER,
  EBADF,
  EPIPE,
  EMSGSIZE,
  EADDRNOTAVAIL,
  ENETDOWN,
  ENOBUFS,
  ENOTTY,
} = errno;

const byNumber = new Map<number, (typeof TABLE)[number]>(TABLE.map((row) => [row[1], row]));

/** `-19` or `19` to `ENODEV`; a number without a name to `errno N`. */
export function errnoName(no: number): string {
  return byNumber.get(Math.abs(no))?.[0] ?? `errno ${String(Math.abs(no))}`;
}

/**
 * `-19` to `-ENODEV`; a number without a name stays a number.
 *
 * @see lib/vsprintf.c err_ptr, Documentation/core-api/printk-formats.rst %pe
 */
export function errnoText(no: number): string {
  const known = byNumber.get(-no);
  return known === undefined ? String(no) : `-${known[0]}`;
}

/** `ENODEV` to `19`; undefined for a name that is not in the table. */
export function errnoByName(name: string): number | undefined {
  return Object.hasOwn(errno, name) ? errno[name as ErrnoName] : undefined;
}

/** The text of glibc's strerror, e.g. "Device or resource busy". */
export function strerror(no: number): string {
  return byNumber.get(Math.abs(no))?.[2] ?? `Unknown error ${String(Math.abs(no))}`;
}

/** Where an error happened, as in Node's system errors. */
export interface ErrorPlace {
  /** The operation that was refused: a kernel function or a system call. */
  readonly syscall?: string;
  /** What it was refused for: a path, a device, a driver. */
  readonly path?: string;
  /** What is wrong, where the number does not say it; only in the message. */
  readonly reason?: string;
}

/** A refusal with an error number, in the shape of Node's system errors. */
export class ErrnoError extends Error implements Omit<ErrorPlace, 'reason'> {
  /** `ENODEV`, or `errno N` for a number without a name. */
  readonly code: string;
  /** Negative, as the kernel returns it. */
  readonly errno: number;
  readonly syscall?: string;
  readonly path?: string;

  /**
   * @param no the number with either sign, or its name
   * @throws RangeError for what is no error number: 0, NaN, a fraction, a name that is not in the table
   */
  constructor(no: number | ErrnoName, place: ErrorPlace = {}) {
    const number = -Math.abs(typeof no === 'number' ? no : errno[no]);
    if (!Number.isSafeInteger(number) || number === 0) throw new RangeError(`${String(no)} is no error number`);
    super(describe(number, place));
    this.name = 'ErrnoError';
    this.code = errnoName(number);
    this.errno = number;
    if (place.syscall !== undefined) this.syscall = place.syscall;
    if (place.path !== undefined) this.path = place.path;
  }
}

function describe(no: number, place: ErrorPlace): string {
  const where = [place.syscall, place.path === undefined ? undefined : `'${place.path}'`].filter(Boolean).join(' ');
  const what = [where, place.reason].filter(Boolean).join(': ');
  return `${errnoName(no)}: ${strerror(no)}${what === '' ? '' : `, ${what}`}`;
}

/**
 * The number of a thrown value that is a refusal, as the kernel would return it; undefined for anything else (an
 * oops). Node's own system errors count.
 */
export function errnoOf(thrown: unknown): number | undefined {
  if (thrown instanceof ErrnoError) return thrown.errno;
  if (!(thrown instanceof Error)) return undefined;
  const { code } = thrown as { code?: unknown };
  const no = typeof code === 'string' ? errnoByName(code) : undefined;
  return no === undefined ? undefined : -no;
}

/** Thrown for a callback whose result is not a number, NaN or a fraction: a bug in the callback. */
export function noResult(given: unknown): RangeError {
  const rule = 'a result is a whole number, negative for an error';
  return new RangeError(`${String(given)} is no result of a callback: ${rule}`);
}

/** Passes on a result that is not negative, throws one that is. */
export function check(result: number, syscall: string, path?: string): number {
  if (result >= 0) return result;
  throw new ErrnoError(result, path === undefined ? { syscall } : { syscall, path });
}
