import type { BusFixture } from '../lib/machine/fixture';
import { ccw } from './ccw';
import { ofTree } from './of-tree';
import { ps3Handle } from './ps3-handle';
import { vbus } from './vbus';
import { vpci } from './vpci';

/** Every bus and every way of fitting it to the driver model, in the order of comparisons. */
export const fixtures: readonly BusFixture[] = [vpci, ccw, ofTree, vbus, ...ps3Handle];
