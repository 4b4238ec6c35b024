/** What a link is for. @see include/linux/device.h DL_FLAG_STATELESS and following */
export const DL_FLAG = Object.freeze({
  /** Counted by the caller; the core does not track it. */
  STATELESS: 1 << 0,
  AUTOREMOVE_CONSUMER: 1 << 1,
  PM_RUNTIME: 1 << 2,
  RPM_ACTIVE: 1 << 3,
  AUTOREMOVE_SUPPLIER: 1 << 4,
  /** The consumer is tried again when the supplier has bound. */
  AUTOPROBE_CONSUMER: 1 << 5,
  /** The core tracks the link's state. */
  MANAGED: 1 << 6,
  /** Only delays the supplier's sync_state. */
  SYNC_STATE_ONLY: 1 << 7,
  INFERRED: 1 << 8,
  CYCLE: 1 << 9,
});

export const DL_MANAGED_LINK_FLAGS =
  DL_FLAG.AUTOREMOVE_CONSUMER |
  DL_FLAG.AUTOREMOVE_SUPPLIER |
  DL_FLAG.AUTOPROBE_CONSUMER |
  DL_FLAG.SYNC_STATE_ONLY |
  DL_FLAG.INFERRED |
  DL_FLAG.CYCLE;

export const DL_ADD_VALID_FLAGS = DL_MANAGED_LINK_FLAGS | DL_FLAG.STATELESS | DL_FLAG.PM_RUNTIME | DL_FLAG.RPM_ACTIVE;

const DL_MARKER_FLAGS = DL_FLAG.INFERRED | DL_FLAG.CYCLE | DL_FLAG.MANAGED;

/** @see drivers/base/core.c device_link_flag_is_sync_state_only */
export function isSyncStateOnly(flags: number): boolean {
  return (flags & ~DL_MARKER_FLAGS) === DL_FLAG.SYNC_STATE_ONLY;
}
