import { expect } from 'chai';
import { Evidence, EvidenceLine, excerpt, Hypervisor, wholeProof, World, type LineKind } from '../../../lib';

const lines = (kind: LineKind, count: number, who = 'g1', call?: string): EvidenceLine[] =>
  Array.from({ length: count }, (_, i) => new EvidenceLine(kind, who, () => `${who}: ${kind} ${String(i)}`, call));

describe('excerpts of evidence', () => {
  it('make one line of a run of calls or register accesses of one guest', () => {
    const proof = [
      ...lines('call', 3, 'g1', 'stsch'),
      ...lines('call', 2, 'g1', 'tsch'),
      ...lines('access', 4),
      ...lines('access', 1, 'g2'),
    ];
    expect(excerpt(proof)).to.deep.equal([
      'host: g1: 5 calls: stsch, tsch',
      'host: g1: 4 register accesses',
      'g2: access 0',
    ]);
  });

  it('keep every claim, remark, operation and error, and their order', () => {
    const proof = [
      ...lines('operation', 1),
      ...lines('claim', 2),
      'said by a detector',
      ...lines('error', 2),
      ...lines('uevent', 2),
    ];
    expect(excerpt(proof)).to.deep.equal(wholeProof(proof));
  });

  it('leave out the least telling kinds first, and count them behind the line that they followed', () => {
    const proof = [
      ...lines('operation', 1),
      ...lines('access', 9),
      ...lines('uevent', 1),
      ...lines('access', 1),
      ...lines('remark', 1),
    ];
    expect(excerpt(proof, 5)).to.have.length(5);
    expect(excerpt(proof, 3)).to.deep.equal([
      'g1: operation 0  ... 9 register accesses',
      'g1: uevent 0  ... 1 register access',
      'g1: remark 0',
    ]);
    expect(excerpt(proof, 2)).to.deep.equal(['g1: operation 0  ... 1 uevent, 10 register accesses', 'g1: remark 0']);
  });

  it('count what was left out before the first line', () => {
    expect(excerpt([...lines('match', 2), ...lines('remark', 2)], 3)).to.deep.equal([
      '... 2 matches',
      'g1: remark 0',
      'g1: remark 1',
    ]);
  });

  it('cut the middle of what is still too long', () => {
    const said = excerpt(lines('remark', 100), 5);
    expect(said).to.deep.equal([
      'g1: remark 0',
      'g1: remark 1',
      '... (96 lines like these)',
      'g1: remark 98',
      'g1: remark 99',
    ]);
  });

  it('are of nothing when there is nothing', () => {
    expect(excerpt([])).to.deep.equal([]);
  });
});

describe('Evidence', () => {
  it('has hypercalls, claims and register accesses in the order in which they happened', () => {
    const hypervisor = new Hypervisor(new World());
    const evidence = new Evidence();
    evidence.watchHost(hypervisor);
    const guest = hypervisor.createGuest({ name: 'g1' });
    hypervisor.defineHypercall({ nr: 1, name: 'ask', call: () => ({ status: 0, values: [] }) });
    evidence.act('g1', 'ask');
    guest.port.hypercall(1, []);
    guest.port.read(0x1000, 4);
    guest.port.hypercall(1, []);
    const kinds = evidence.lines.map(({ kind }) => kind);
    expect(kinds).to.deep.equal(['operation', 'call', 'claim', 'access', 'call']);
    expect(wholeProof(evidence.lines)[3]).to.match(/^host: \[\d+ ns\] g1: read 4 at 0x1000: 0xffffffff$/);
  });

  it('gives what came after a mark', () => {
    const evidence = new Evidence();
    evidence.add('g1', 'before');
    const mark = evidence.mark();
    evidence.add('g1', 'after');
    expect(wholeProof(evidence.since(mark))).to.deep.equal(['g1: after']);
  });

  it('keeps nothing where that was asked for', () => {
    const evidence = new Evidence(false);
    evidence.act('g1', 'boot');
    expect(evidence.lines).to.deep.equal([]);
  });

  it('goes on with the host that replaces another', () => {
    const hosts = [new Hypervisor(new World()), new Hypervisor(new World())];
    const evidence = new Evidence();
    for (const host of hosts) {
      evidence.watchHost(host);
      host.createGuest({ name: 'g1' }).port.hypercall(9, []);
    }
    expect(evidence.lines.map(({ kind }) => kind)).to.deep.equal(['call', 'call']);
  });
});
