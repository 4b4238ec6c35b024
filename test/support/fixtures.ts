import { ps3AtProbe, ps3Repository } from '../../buses/ps3-handle';
import { vpci } from '../../buses/vpci';
import type { BusFixture } from '../../lib/study';

/** Every bus and every way of fitting it to the driver model. */
export const ALL_FIXTURES: readonly BusFixture[] = [vpci, ps3AtProbe, ps3Repository];
