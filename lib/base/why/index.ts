/** Why a device has a driver, or has it not: every rule with the kernel function that applies it. */
export type { MatchClause, MatchExplanation } from '../types';
export { lastHolds, misfit, overrideClause, tableClauses } from './match';
export type { WhyRule } from './rule';
export { why, type Why } from './why';
