import { expect } from 'chai';
import { ps3Handle } from '../../../buses/ps3-handle';
import { INVARIANTS } from '../../../lib';
import { detect } from '../../support/detect';
import { expectedOf } from '../../support/expected';

for (const fixture of ps3Handle) {
  describe(`invariants on ps3-handle/${fixture.strategy}`, () => {
    const { invariants } = expectedOf(fixture.strategy);

    it('are all expected', () => {
      expect(Object.keys(invariants)).to.deep.equal(INVARIANTS.map(({ id }) => id));
    });

    for (const { id, title } of INVARIANTS) {
      it(`${id} ${title}: ${invariants[id] ?? ''}`, async () => {
        const { holds, text } = await detect(id, fixture);
        expect(`${holds === null ? '-' : holds ? 'yes' : 'NO'}: ${text}`).to.equal(invariants[id]);
      });
    }
  });
}
