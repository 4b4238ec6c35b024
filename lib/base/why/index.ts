/** Why a device has a driver, or has it not: every rule with the kernel function that applies it. */
export { lastHolds, misfit, overrideClause, tableClauses, type MatchClause, type MatchExplanation } from './match';
export type { WhyRule } from './rule';
export { why, type Why } from './why';
