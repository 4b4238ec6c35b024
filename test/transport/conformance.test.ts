import { expect } from 'chai';
import { fixtures } from '../../buses';
import { vbus } from '../../buses/vbus';
import { ccw } from '../../buses/ccw';
import type { StyleName } from '../../lib/access/place';
import { fixtureName } from '../../lib/machine';
import { checkTransport, transportConformance, type Lack } from '../support/kit';

const STYLES: readonly StyleName[] = ['mmio', 'channel', 'mapped', 'fd'];

/** What native transports are without. @see drivers/s390/virtio/virtio_ccw.c: no generation, ccw_io_helper waits */
const LACKS: Readonly<Record<string, readonly Lack[]>> = { ccw: ['generation', 'timeout'] };

describe('the contract of a transport is kept by', () => {
  for (const fixture of new Set([...fixtures, vbus])) {
    const name = fixtureName(fixture);
    transportConformance(`${name}, native`, fixture, { lacks: LACKS[name] ?? [] });
    for (const style of STYLES) transportConformance(`${name}, ${style}`, fixture, { access: [style] });
  }

  it('virtio-ccw but for what it lacks', async () => {
    const failures = await checkTransport(ccw, { lacks: ['timeout'] });
    expect(failures.map(({ check }) => check).sort()).to.deep.equal([
      'a configuration that changes while it is read is never half old and half new',
      'a configuration that never holds still is given up with EIO',
      'the generation is another one after each change, and only then',
    ]);
  });
});
