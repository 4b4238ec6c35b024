import { ccw } from '../../../buses/ccw';
import { ofTree } from '../../../buses/of-tree';
import { ps3Handle } from '../../../buses/ps3-handle';
import { vpci } from '../../../buses/vpci';
import type { BusFixture } from '../../../lib/machine';

/** Every bus and every way of fitting it to the driver model, in the order of the comparison. */
export const fixtures: readonly BusFixture[] = [vpci, ccw, ofTree, ...ps3Handle];
