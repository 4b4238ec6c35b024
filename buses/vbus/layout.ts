/** What host and guest of the virtual bus agree on. Statuses are 0 or negative error numbers. */
export const VBUS = Object.freeze({
  /** (id) -> [next id, VIRTIO device id, {@link STATE}, styles as bits]; next id 0 after the last one */
  NEXT: 0x7000,
  /** (id, styles...) -> [style, place...]: the first of the styles that is offered; ENODEV, EBUSY, EINVAL */
  OPEN: 0x7001,
  /** (id) -> []; EBADF when this guest has it not open */
  CLOSE: 0x7002,
});

/** Names for the log. */
export const VBUS_NAMES: Readonly<Record<number, string>> = Object.freeze({
  [VBUS.NEXT]: 'vbus_next',
  [VBUS.OPEN]: 'vbus_open',
  [VBUS.CLOSE]: 'vbus_close',
});

/** Who has a device, as the calling guest sees it. */
export const STATE = Object.freeze({ FREE: 0, OPEN: 1, BUSY: 2 });

/** What has happened to a device. The interrupt carries `id * KINDS + event`. */
export const EVENT = Object.freeze({ ADDED: 0, REMOVED: 1, FREED: 2, KINDS: 4 });

/** Interrupts: of the bus, and of all devices, by id. */
export const VECTOR = Object.freeze({ BUS: 6, DEVICES: 7 });
