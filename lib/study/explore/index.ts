/**
 * Orders explored: operations that should not depend on each other are done in every order, and in orders that chance
 * chooses, on every bus, and the final states are counted. What should not depend on each other is decided by what is
 * done, never by the bus.
 *
 * See Documentation/exploration.md for what is compared and why.
 */
export { join, NOTHING_TRIED, type Count, type Difference, type Told } from './count';
export { explore, stateCount, type Exploration, type Progress, type StateCount } from './explore';
export type { Scope } from './operation';
export type { Extent, Shard } from './schedules';
