import type { Group } from './finding';

/** A group of invariants, as a verdict that is fair prints them: apart. */
export interface GroupText {
  readonly group: Group;
  /** Names the group; subject of a sentence as well. */
  readonly title: string;
  /** For a narrow column. */
  readonly short: string;
  /** Whose these invariants are, and what it would take to do without them. */
  readonly meaning: string;
}

/** In the order of their weight. */
export const GROUPS: readonly GroupText[] = [
  {
    group: 'code',
    title: 'What drivers/base itself relies on',
    short: 'drivers/base',
    meaning: 'From the code of the driver core: it would have to be changed for a bus that breaks one of these.',
  },
  {
    group: 'contract',
    title: 'What a document promises',
    short: 'documents',
    meaning:
      'From Documentation/driver-api, admin-guide and ABI: programs outside the kernel are told to rely on these.',
  },
  {
    group: 'expectation',
    title: 'What people expect of Linux',
    short: 'people',
    meaning: 'Written down nowhere; people who run machines take these for granted.',
  },
  {
    group: 'other',
    title: 'What is measured besides',
    short: 'besides',
    meaning: 'To see what a bus is like, and what it costs.',
  },
];
