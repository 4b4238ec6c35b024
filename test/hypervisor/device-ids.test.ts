import { expect } from 'chai';
import { Hypervisor, World, type BusFixture } from '../../lib';
import { fixtures } from '../../buses';
import { TestModel } from './support';
import { thrownBy } from '../support/errors';

/** A device whose type is given as a number. */
class Typed extends TestModel {
  constructor(override readonly deviceId: number) {
    super();
  }
}

function plug(fixture: BusFixture, deviceId: number): void {
  const hypervisor = new Hypervisor(new World());
  fixture.install(hypervisor).plug(new Typed(deviceId), hypervisor.createGuest());
}

/** The highest device id that a guest can be told. VIRTIO 1.2 §4.1.2, §4.3.1, §4.2.2 */
const LAST: Readonly<Record<string, number>> = {
  vpci: 0x3f,
  ccw: 0xff,
  'of-tree': 0xffff_ffff,
  'ps3-handle': 0xffff_ffff,
  vbus: 0xffff_ffff,
};

describe('device ids', () => {
  for (const fixture of fixtures) {
    const last = LAST[fixture.bus] ?? 0;

    it(`regression: ${fixture.bus} ${fixture.strategy ?? ''} refuses with EINVAL what it cannot tell a guest`, () => {
      for (const id of [last + 1, -1, 1.5, NaN]) {
        expect(
          thrownBy(() => plug(fixture, id)),
          String(id),
        ).to.include({ code: 'EINVAL' });
        expect(thrownBy(() => plug(fixture, id)).message).to.contain(`device id ${String(id)}`);
      }
    });

    it(`${fixture.bus} ${fixture.strategy ?? ''} takes the highest`, () => {
      expect(() => plug(fixture, last)).not.to.throw();
    });
  }
});
