import { expect } from 'chai';
import { fixtures } from '../../../buses';
import { fixtureName, INVARIANTS } from '../../../lib';
import { detect } from '../../support/detect';
import { expectedOf } from '../../support/expected';

for (const fixture of fixtures) {
  const expected = expectedOf(fixture);
  if (expected === null) continue;
  const { invariants } = expected;

  describe(`invariants on ${fixtureName(fixture)}`, () => {
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
