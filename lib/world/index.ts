export { noPromise, SleepInAtomic } from './atomic';
export { World } from './world';
export type { WorldOptions } from './options';
export type { Oops } from './oopses';
export { Budget } from './budget';
export { ForeignWait, orForeignWait, watchForeignWaits, type RealTime } from './foreign-wait';
export {
  GuestDead,
  HungTask,
  SoftLockup,
  Task,
  type Blocked,
  type Callback,
  type InMotion,
  type Spawned,
} from './task';
export { Mutex } from './mutex';
export { Completion, WaitQueue } from './wait';
export { Workqueue, type Work } from './workqueue';
export { Random } from './random';
export type { Timer } from './timers';
