import { expect } from 'chai';
import { fixtureName, type BusFixture, type Workload } from '../../lib/machine';
import { fixtures, world, type KitWorld } from '../support/kit';
import { expectUsable, failings, heldBy, live, rescanAndConfigure, WORKLOADS, type Failing } from './support';

/** Every driver on each bus; on the strategies of ps3-handle beside the one of Linux the disk, which does most. */
function workloadsOn(bus: BusFixture): readonly (() => Workload)[] {
  const isVariant = bus.strategy !== null && bus.strategy !== 'repository';
  return isVariant ? WORKLOADS.slice(0, 1) : WORKLOADS;
}

/** How many calls of each operation fail, one after the other. */
const CALLS = 2;

/** Has one call fail in the life of a device. @returns was there such a call? */
async function failOnce(w: KitWorld, workload: Workload, failing: Failing, nth: number): Promise<boolean> {
  const armed = failing.arm(w, nth);
  await live(w, workload);
  armed.remove();
  if (armed.happened) await rescanAndConfigure(w);
  return armed.happened;
}

describe('whatever fails once while a device is bound, put to sleep and unbound', () => {
  for (const fixture of fixtures) {
    for (const makeWorkload of workloadsOn(fixture)) {
      it(`regression: leaves nothing, and a clean bind works: ${makeWorkload().driver.name} [${fixtureName(fixture)}]`, async () => {
        const workload = makeWorkload();
        const w = world({ bus: fixture, devices: [workload.makeModel(0)], allow: ['warnings'] });
        await w.boot();
        const before = heldBy(w);
        await live(w, workload);
        const passed = failings(fixture).filter(({ name }) => w.faultCounts.all.has(name));
        expect(passed).to.not.be.empty;
        for (const failing of passed) {
          for (let nth = 1; nth <= CALLS && (await failOnce(w, workload, failing, nth)); nth += 1) {
            const what = `${failing.name}, call ${String(nth)}`;
            expect(heldBy(w), what).to.deep.equal(before);
            expect(w.world.oopses, what).to.deep.equal([]);
          }
          await expectUsable(w, workload, failing.name);
          expect(heldBy(w), failing.name).to.deep.equal(before);
        }
      });
    }
  }
});
