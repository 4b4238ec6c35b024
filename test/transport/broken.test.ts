import { expect } from 'chai';
import { vbus } from '../../buses/vbus';
import { BROKEN, breaking } from '../support/broken-transports';
import { checkTransport, transportChecks } from '../support/kit';

describe('the conformance of a transport finds out one that', () => {
  for (const [what, [how, point]] of Object.entries(BROKEN)) {
    it(what, async () => {
      const failures = await checkTransport(breaking(vbus, how), { access: ['mmio'], only: point });
      expect(failures.map(({ check }) => check).join('\n')).to.match(point);
    });
  }

  it('names points that there are', () => {
    const points = [...transportChecks().values()].flat();
    for (const [, [, point]] of Object.entries(BROKEN)) expect(points.some((name) => point.test(name))).to.equal(true);
  });
});
