import type { BusFixture } from '../lib/machine/fixture';
import { ccw } from './ccw';
import { ofTree } from './of-tree';
import { ps3Handle } from './ps3-handle';
import { vpci } from './vpci';

/** Every bus and every way of fitting it to the driver model, in the order of comparisons. */
export const fixtures: readonly BusFixture[] = [vpci, ccw, ofTree, ...ps3Handle];
