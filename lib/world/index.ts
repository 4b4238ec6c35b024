export { World, type Oops, type Spawned, type WorldOptions } from './world';
export { GuestDead, HungTask, Task, type Blocked } from './task';
export { Mutex } from './mutex';
export { Completion, WaitQueue } from './wait';
export { Workqueue, type Work } from './workqueue';
export { Random } from './random';
export type { Timer } from './timers';
