import type { AllocationPolicy, FixtureId } from '../../machine';
import type { ScenarioStep, Stage } from './stage';

/** What was measured of one thing; null: it could not be measured. */
export type Fact = string | number | boolean | null;

/** Everything that a scenario measures on one bus, by name. */
export type Facts = Readonly<Record<string, Fact>>;

/** A rule that makes the difference, and where it stands. */
export interface Cause {
  /** File and function of Linux that the rule is from; null for one that is the hypervisor's own. */
  readonly kernel: string | null;
  /** Our file, and what it is called there. */
  readonly file: string;
  readonly name: string;
  readonly rule: string;
}

/**
 * A behaviour that surprises a Linux user. It is one list of operations without code for a particular bus, which runs
 * both on a control bus and on the bus that it is about.
 */
export interface Scenario<F extends Facts = Facts> {
  /** In kebab-case. */
  readonly name: string;
  /** What surprises, in a line. */
  readonly title: string;
  /** The operations in short, for the report. */
  readonly about: string;
  /** The strategy that it is about. */
  readonly strategy: string;
  /** Which free device the hypervisor allocates, unless an option overrides it. Default: lowest. */
  readonly policy?: AllocationPolicy;
  /** The meaning of each fact. */
  readonly measures: { readonly [K in keyof F]: string };
  readonly why: readonly Cause[];
  /** Runs it on the bus of the stage. */
  run(stage: Stage): Promise<F>;
  /** Does the surprise show in what was measured? */
  happens(facts: F): boolean;
}

/** A scenario on one bus. */
export interface Played extends FixtureId {
  readonly happens: boolean;
  readonly facts: Facts;
  readonly steps: readonly ScenarioStep[];
  /** Lines to be compared between buses; none where a scenario is about single facts. */
  readonly trace: readonly string[];
}
