import { expect } from 'chai';
import { FEATURE, featureBit } from '../../lib/virtio';
import { commonFeatures, featuresText, vringTransportFeatures } from '../../lib/virtio/virtio-features';

const bits = (...list: number[]): bigint => list.reduce((word, bit) => word | featureBit(bit), 0n);
const V1 = FEATURE.VERSION_1;

describe('feature negotiation', () => {
  const table: {
    title: string;
    offered: bigint;
    driver: readonly number[];
    legacy?: readonly number[];
    agreed: bigint;
  }[] = [
    { title: 'nothing of a driver without a table', offered: bits(0, 5, V1), driver: [], agreed: bits(V1) },
    { title: 'what both have', offered: bits(1, 2, 5, V1), driver: [2, 5, 9], agreed: bits(2, 5, V1) },
    { title: 'not what only the driver has', offered: bits(V1), driver: [3], agreed: bits(V1) },
    {
      title: 'transport bits without asking the driver',
      offered: bits(28, 29, 40, V1),
      driver: [],
      agreed: bits(28, 29, 40, V1),
    },
    { title: 'no bit above the transport', offered: bits(41, 50, V1), driver: [], agreed: bits(V1) },
    {
      title: 'bits above the transport that the driver lists',
      offered: bits(50, V1),
      driver: [50],
      agreed: bits(50, V1),
    },
    { title: 'the legacy table without VERSION_1', offered: bits(1, 2), driver: [1], legacy: [2], agreed: bits(2) },
    { title: 'the only table without VERSION_1', offered: bits(1, 2), driver: [1], agreed: bits(1) },
    {
      title: 'the modern table with VERSION_1',
      offered: bits(1, 2, V1),
      driver: [1],
      legacy: [2],
      agreed: bits(1, V1),
    },
    { title: 'nothing of an empty legacy table', offered: bits(1, 2), driver: [1], legacy: [], agreed: 0n },
  ];
  for (const { title, offered, driver, legacy, agreed } of table) {
    it(`takes ${title}`, () => {
      const tables =
        legacy === undefined ? { featureTable: driver } : { featureTable: driver, featureTableLegacy: legacy };
      expect(commonFeatures(offered, tables)).to.equal(agreed);
    });
  }

  it('takes out what a split queue cannot do and leaves the device its bits', () => {
    const all = bits(0, 27, 28, 29, V1, 33, 34, 35, 36, 37, 38, 39, 40, 41, 63);
    expect(vringTransportFeatures(all)).to.equal(bits(0, 27, 28, 29, V1, 33, 36, 41, 63));
  });
});

describe('the features file', () => {
  it('prints 64 digits, bit 0 first', () => {
    // As a real kernel printed it for an entropy device with bits 28, 29, 32 and 40.
    const recorded = '0000000000000000000000000000110010000000100000000000000000000000';
    expect(featuresText(bits(28, 29, 32, 40))).to.equal(recorded);
    expect(featuresText(bits(63))).to.equal(`${'0'.repeat(63)}1`);
  });
});
