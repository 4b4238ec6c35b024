import type { Place } from '../access/place';
import type { Device } from '../base/device';
import type { SharedMemory } from '../hypervisor/port';
import type { VirtioId, VirtioTransport } from './virtio-device';

/** What a transport is made for. */
export interface TransportSite {
  /** The device of the bus. */
  readonly dev: Device;
  /** Called from an interrupt, once, when the transport finds out by itself that the device is gone. */
  gone(): void;
}

/**
 * A transport that works with any bus: it knows its device by a {@link Place} only.
 *
 * For a device that is gone every write of the status and every reset succeeds, so that its driver can be removed.
 */
export interface AccessTransport extends VirtioTransport {
  /**
   * The device is at this place from now on, in the state after power-on: at first, and again after the machine slept.
   * Only this gives a place and its interrupt. After an error it can be disposed of.
   *
   * @throws ErrnoError EBUSY for the interrupt, EINVAL for an invalid place
   */
  connect(place: Place): void;
  /** Which device is there; device 0: none. @returns a negative errno when nothing responds */
  identify(): VirtioId | number;
  /**
   * The machine is about to sleep: interrupts are given back, and nothing is accessed until {@link connect}. What is at
   * the place may be another guest's by then.
   */
  disconnect(): void;
  /** The bus has noticed that the device is gone: nothing is accessed any more. */
  lost(): void;
  /**
   * Maps what of the device a process of this guest may access without the kernel. Default: nothing is safe to map.
   *
   * @throws ErrnoError EBUSY when it is mapped, ENODEV
   */
  mmap?(): SharedMemory;
  /** Gives back all that it holds in this kernel. Safe to call twice. */
  dispose(): void;
}

/** The guest half of a way of talking to a device. */
export interface AccessStyle {
  readonly name: string;
  /** @see STYLE in lib/access/place.ts */
  readonly code: number;
  /**
   * A transport that is at no place yet.
   *
   * @throws ErrnoError ENODEV in a kernel without a hypervisor, ENOMEM; nothing is held then
   */
  transport(site: TransportSite): AccessTransport;
}
