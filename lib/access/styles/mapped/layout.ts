/** What both ends of a mapped device know: access style (c) of the mail. Its memory begins with a header. */

/** (handle, queue or {@link HEADER_WRITTEN}) -> []; EBADF for a handle that the guest does not have, ENOENT */
export const SIGNAL = Object.freeze({ nr: 0x6100, name: 'signal' });

/** What a signal says besides the number of a queue: the header was written. */
export const HEADER_WRITTEN = 0xffff;

/** What a signal says of an end of a pair besides: it wants an interrupt itself, for what waits already. */
export const WAKE_ME = 0xfffe;

/** Bytes of the memory of a device: header, rings and data, then what it shares with its peer. */
export const MAPPED_BYTES = 1 << 20;

/** Of that, what is at least not shared with a peer. */
export const OWN_BYTES = 256 << 10;

/**
 * A ring that two ends share: pieces, each a length of 32 bits and so many bytes, one behind the other, modulo the size
 * of the data. The first page has what each end writes: indices count bytes and wrap at 2^32.
 */
export const SHARED = Object.freeze({
  /** The sender's: the end of what it has put in. */
  HEAD: 0,
  /** Not 0: the sender wants no interrupt for what is taken out. */
  SENDER_QUIET: 4,
  /** The receiver's: the start of what it has not taken out. */
  TAIL: 64,
  /** Not 0: the receiver wants no interrupt for what is put in. */
  RECEIVER_QUIET: 68,
  DATA: 4096,
  LENGTH_BYTES: 4,
});
