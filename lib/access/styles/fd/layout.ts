/**
 * What both ends of a descriptor know: access style (d) of the mail, as a UNIX process accesses a device. Each guest
 * has a table of descriptors, as a process has. Statuses are 0 or negative error numbers; EBADF for a descriptor that
 * is not open, ENODEV after a hang-up. Bytes are in the calls, so the host reaches no memory of the guest.
 */
export const FD = Object.freeze({
  /** (fd, offset, length) -> [bytes] of the header; EINVAL beyond its end */
  READ: 0x6200,
  /** (fd, offset, bytes) -> []: bytes of the header, which take effect; EINVAL beyond its end */
  WRITE: 0x6201,
  /**
   * (fd, queue, cookie, length, ...) -> [bytes, ...]: what a request wrote, in pieces of at most these lengths, and its
   * end; EAGAIN when it is not done, EINVAL when it does not fit, and for more than 1024 pieces
   */
  READV: 0x6202,
  /**
   * (fd, queue, cookie, how many bytes it may write, bytes, ...) -> []: a request; EAGAIN before DRIVER_OK, EIO when
   * the device needs a reset, ENOSPC when the queue is full, ENOENT without such a queue, EINVAL for nothing, more than
   * 1024 pieces, or more than memory
   */
  WRITEV: 0x6203,
  /** (fd) -> []: what was written into the mapped header takes effect */
  FSYNC: 0x6204,
  /** (fd) -> [address]: maps the header; EBUSY when it is mapped */
  MMAP: 0x6205,
  /** (fd) -> []; EINVAL when it is not mapped */
  MUNMAP: 0x6206,
  /** (fd) -> [events, then queue, cookie, bytes written for each request that is done]; each is told once */
  POLL: 0x6207,
  /** (fd, {@link IOCTL}) -> []; ENOTTY for another one */
  IOCTL: 0x6208,
});

/** Names for the log. */
export const FD_NAMES: Readonly<Record<number, string>> = Object.freeze({
  [FD.READ]: 'read',
  [FD.WRITE]: 'write',
  [FD.READV]: 'readv',
  [FD.WRITEV]: 'writev',
  [FD.FSYNC]: 'fsync',
  [FD.MMAP]: 'mmap',
  [FD.MUNMAP]: 'munmap',
  [FD.POLL]: 'poll',
  [FD.IOCTL]: 'ioctl',
});

/** What is neither read nor written. */
export const IOCTL = Object.freeze({
  /** Resets the device. VIRTIO 1.2 §2.4 */
  RESET: 0x7601,
});

/** Events of a poll. @see include/uapi/asm-generic/poll.h */
export const POLL = Object.freeze({ IN: 0x1, PRI: 0x2, HUP: 0x10 });

/** Requests that one poll tells at most. */
export const MAX_POLLED = 64;

/** Where mapped headers are: above all memory. */
export const MMAP_BASE = 2 ** 43;
