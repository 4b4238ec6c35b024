import { EINVAL, ErrnoError } from '../errno';

/** Bytes that one access to the configuration moves. */
type Width = 1 | 2 | 4;

/**
 * How a field of the configuration is accessed where that is memory: a number of 1, 2 or 4 bytes in one piece, wherever
 * it is; one of 8 bytes as two of 4. Any other length is an array of bytes.
 *
 * @see drivers/virtio/virtio_mmio.c vm_get, drivers/virtio/virtio_pci_modern.c vp_get; VIRTIO 1.2 §4.1.3.1, §4.2.2.2
 */
function widthOf(length: number): Width {
  if (length === 8) return 4;
  return length === 4 || length === 2 ? length : 1;
}

/** Reads a field. @param read an access, at so many bytes from the field's beginning */
export function readConfigField(length: number, read: (at: number, width: Width) => number): Uint8Array {
  const width = widthOf(length);
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += width) {
    const value = read(at, width);
    for (let i = 0; i < width; i += 1) bytes[at + i] = value >>> (8 * i);
  }
  return bytes;
}

/** Writes a field. @param write an access, at so many bytes from the field's beginning */
export function writeConfigField(bytes: Uint8Array, write: (at: number, width: Width, value: number) => void): void {
  const width = widthOf(bytes.length);
  for (let at = 0; at < bytes.length; at += width) {
    const value = bytes.subarray(at, at + width).reduceRight((sum, byte) => sum * 256 + byte, 0);
    write(at, width, value);
  }
}

/**
 * Does a field lie inside the configuration?
 *
 * @param size bytes of the configuration, as far as the transport reaches it
 * @throws ErrnoError EINVAL when not
 */
export function checkConfigRange(
  offset: number,
  length: number,
  size: number,
  { syscall, path }: { readonly syscall: string; readonly path: string },
): void {
  if (offset >= 0 && length >= 0 && offset + length <= size) return;
  throw new ErrnoError(EINVAL, { syscall, path: `${path}: ${String(length)} bytes at ${String(offset)}` });
}
