import { expect } from 'chai';
import { FEATURE, STATUS, featureBit } from '../../lib/virtio/spec';
import { LIVE, READ, BackendMachine, TestModel, VERSION_1, WRITE, type Segment } from './support';

describe('a chain that is bad', () => {
  const INDIRECT = VERSION_1 | featureBit(FEATURE.RING_INDIRECT_DESC);
  const TABLE = { address: 0x7000, length: 16 };
  /** One descriptor with any flags, made available. */
  const single =
    (segment: Segment, flags: number, next = 0) =>
    (rig: BackendMachine) => {
      rig.ring.descriptor(0, segment, flags, next);
      rig.ring.offer(0);
    };
  const chain =
    (...segments: Segment[]) =>
    (rig: BackendMachine) =>
      rig.ring.chain(segments);
  const offer =
    (...heads: number[]) =>
    (rig: BackendMachine) =>
      heads.forEach((head) => rig.ring.offer(head));
  const loop = (rig: BackendMachine) => {
    rig.ring.descriptor(1, READ, 1, 0);
    single(READ, 1, 1)(rig);
  };
  const nest = (rig: BackendMachine) => {
    rig.ring.descriptor(0, TABLE, 4, 0, TABLE.address);
    single(TABLE, 4)(rig);
  };
  const cases: [string, bigint, (rig: BackendMachine) => void, string][] = [
    [
      'points outside',
      VERSION_1,
      chain({ address: 0xffffe, length: 4 }),
      'descriptor 0, address 0xffffe: 4 bytes at 0xffffe lie outside memory',
    ],
    ['is far outside', VERSION_1, chain({ address: 2 ** 60, length: 1 }), 'descriptor 0, address 0x1000000000000000'],
    ['loops', VERSION_1, loop, 'the chain loops'],
    ['leaves the table', VERSION_1, single(READ, 1, 8), 'descriptor 8 in a table of 8'],
    ['begins outside', VERSION_1, offer(9), 'descriptor 9, address 0x1090: descriptor 9 in a table of 8'],
    [
      'reads after writing',
      VERSION_1,
      chain(WRITE, READ),
      'descriptor 1, address 0x1010: a readable buffer follows a writable one',
    ],
    ['is indirect without leave', VERSION_1, single(TABLE, 4), 'not negotiated'],
    ['has an odd indirect table', INDIRECT, single({ ...TABLE, length: 17 }, 4), 'an indirect table of 17 bytes'],
    ['has an empty indirect table', INDIRECT, single({ ...TABLE, length: 0 }, 4), 'an indirect table of 0 bytes'],
    [
      'has a huge indirect table',
      INDIRECT,
      single({ ...TABLE, length: 16 * 65537 }, 4),
      'an indirect table of 1048592 bytes',
    ],
    [
      'has an indirect table outside',
      INDIRECT,
      single({ address: 0xffff8, length: 16 }, 4),
      'an indirect table at 0xffff8 lies outside memory',
    ],
    ['goes on after an indirect table', INDIRECT, single(TABLE, 5, 1), 'with a next descriptor'],
    ['nests indirect tables', INDIRECT, nest, 'or within one'],
    [
      'is announced too often',
      VERSION_1,
      offer(0, 0, 0, 0, 0, 0, 0, 0, 0),
      'available index is 9 ahead in a queue of 8',
    ],
  ];
  for (const [title, features, arrange, reason] of cases) {
    it(`${title}: needs a reset, is logged with queue and place, and serves nothing`, () => {
      const model = new TestModel();
      const rig = new BackendMachine(model).start(features);
      arrange(rig);
      rig.queue.notify();
      expect(rig.backend.status).to.equal(LIVE | STATUS.DEVICE_NEEDS_RESET);
      expect(rig.refusals.length).to.equal(1);
      expect(rig.refusals[0]).to.match(/^device test0: queue 0, .*; needs a reset$/);
      expect(rig.refusals[0]).to.include(reason);
      expect(rig.interrupts).to.deep.equal(['config']);
      expect(model.seen).to.deep.equal([]);
      expect(rig.ring.usedIdx).to.equal(0);
    });
  }

  it('regression: is not one that holds more bytes than there is memory', () => {
    const model = new TestModel();
    const rig = new BackendMachine(model).start(VERSION_1);
    chain({ address: 0, length: 1 << 20 }, WRITE)(rig);
    rig.queue.notify();
    expect(rig.refusals).to.deep.equal([]);
    expect(model.seen.length).to.equal(1);
  });

  it('regression: is not one with an empty buffer, wherever that is', () => {
    const model = new TestModel();
    const rig = new BackendMachine(model).start(VERSION_1);
    chain(READ, { address: 2 ** 40, length: 0 }, WRITE, { address: 2 ** 40, length: 0, write: true })(rig);
    rig.queue.notify();
    expect(rig.errors).to.deep.equal([]);
    expect(rig.refusals).to.deep.equal([]);
    expect(model.seen.length).to.equal(1);
  });

  it('leaves the good ones before it served, and none after', () => {
    const model = new TestModel();
    const rig = new BackendMachine(model).start();
    rig.ring.chain([READ], 0);
    rig.ring.offer(9);
    rig.ring.chain([READ], 1);
    rig.queue.notify();
    expect(model.seen.length).to.equal(1);
  });
});
