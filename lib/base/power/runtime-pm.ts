/** How a kind of devices takes part in runtime power management. */
export interface RuntimePm {
  /** Suspends beside others. @see device_enable_async_suspend */
  readonly isAsync: boolean;
  /** @see struct dev_pm_info disable_depth */
  readonly isEnabled: boolean;
  /** Users do not let it sleep unless they say so. @see pm_runtime_forbid */
  readonly isForbidden: boolean;
  /** There is something to call. @see pm_runtime_no_callbacks */
  readonly hasCallbacks: boolean;
  /** Who needs it awake, besides users. @see struct dev_pm_info usage_count */
  readonly usage: number;
  /** May it wake the system, if users want that; undefined: it cannot. @see device_can_wakeup */
  readonly wakeup?: boolean;
}

/** Most devices take no part. */
export const NO_RUNTIME_PM: RuntimePm = Object.freeze({
  isAsync: false,
  isEnabled: false,
  isForbidden: false,
  hasCallbacks: true,
  usage: 0,
});
