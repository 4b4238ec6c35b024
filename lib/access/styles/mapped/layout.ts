/** What both ends of a mapped device know: access style (c) of the mail. Its memory begins with a header. */

/** (handle, queue or {@link HEADER_WRITTEN}) -> []; EBADF for a handle that the guest does not have, ENOENT */
export const SIGNAL = Object.freeze({ nr: 0x6100, name: 'signal' });

/** What a signal says besides the number of a queue: the header was written. */
export const HEADER_WRITTEN = 0xffff;

/** Bytes of the memory of a device: header, rings and data. */
export const MAPPED_BYTES = 1 << 20;
