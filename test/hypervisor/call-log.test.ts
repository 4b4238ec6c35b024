import { expect } from 'chai';
import fc from 'fast-check';
import { done, formatEntry, Hypervisor, World, type Hypercall, type HypervisorOptions } from '../../lib';

const ECHO: Hypercall = { nr: 1, name: 'echo', call: (_guest, args) => done(...args) };

function rig(options?: HypervisorOptions) {
  const hv = new Hypervisor(new World(), options);
  const guest = hv.createGuest();
  hv.defineHypercall(ECHO);
  return { hv, guest, port: guest.port, log: hv.log };
}

const said = (lines: readonly Parameters<typeof formatEntry>[0][]): string[] =>
  lines.map((line) => formatEntry(line).replace(/^\[\d+ ns\] /, ''));

describe("the hypervisor's log", () => {
  it('keeps its last lines and tells how many it dropped', () => {
    const { port, log } = rig({ logLimit: 3 });
    for (let i = 0; i < 5; i++) port.hypercall(1, [i]);
    expect(said(log.entries)).to.deep.equal([2, 3, 4].map((i) => `g1: echo(${String(i)}) = 0 [${String(i)}]`));
    expect(log.dropped).to.equal(2);
  });

  it('keeps 4096 lines unless told otherwise', () => {
    const { port, log } = rig();
    for (let i = 0; i < 5000; i++) port.hypercall(1, []);
    expect(log.entries.length).to.equal(4096);
    expect(log.dropped).to.equal(904);
  });

  it('cannot keep nothing', () => {
    expect(() => new Hypervisor(new World(), { logLimit: 0 })).to.throw(RangeError, 'cannot keep 0 entries');
  });

  it('counts refusals also in lines that it dropped, for each guest', () => {
    const { hv, guest, log } = rig({ logLimit: 2 });
    const other = hv.createGuest();
    for (let i = 0; i < 5; i++) hv.refuse(guest, 'no');
    hv.refuse(other, 'no');
    guest.port.hypercall(99, []);
    expect(log.refusals.length).to.equal(1);
    expect(log.countRefusals()).to.equal(6);
    expect(log.countRefusals('g1')).to.equal(5);
    expect(log.countRefusals('g2')).to.equal(1);
    expect(log.countRefusals('g3')).to.equal(0);
  });

  it('tells its readers of each line when it is complete, in order, however few lines it keeps', () => {
    const { hv, guest, port, log } = rig({ logLimit: 1 });
    const read: string[] = [];
    const leave = log.onEntry((entry) => read.push(...said([entry])));
    hv.defineHypercall({
      nr: 2,
      name: 'trouble',
      call: (caller) => {
        log.fail(caller.name, 'a part', new Error('broken'));
        return { status: hv.refuse(caller, 'not now'), values: [] };
      },
    });
    port.hypercall(1, [7]);
    port.hypercall(2, []);
    hv.refuse(guest, 'nor then');
    leave();
    port.hypercall(1, [8]);
    expect(read).to.deep.equal([
      'g1: echo(7) = 0 [7]',
      'g1: trouble() = -1, refused: not now',
      'g1: a part: Error: broken',
      'g1: refused: nor then',
    ]);
  });

  it('keeps the beginning of what a guest gives and gets', () => {
    const { port, log } = rig();
    port.hypercall(
      1,
      Array.from({ length: 100 }, (_, i) => i),
    );
    port.hypercall(1, [new Uint8Array(10_000)]);
    const [long, bytes] = log.entries;
    expect(long?.args?.length).to.equal(64);
    expect(long?.values?.length).to.equal(64);
    expect(long?.omitted).to.equal(72);
    expect(formatEntry(long!)).to.match(/62, 63\] and 72 more$/);
    expect((bytes?.args?.[0] as Uint8Array).length).to.equal(4096);
    expect(bytes?.omitted).to.equal(undefined);
  });

  it('is bounded whatever guests call', () => {
    const value = fc.oneof(fc.integer(), fc.bigInt(), fc.uint8Array({ maxLength: 9000 }));
    fc.assert(
      fc.property(fc.array(fc.array(value, { maxLength: 200 }), { maxLength: 40 }), (calls) => {
        const { port, log } = rig({ logLimit: 8 });
        for (const args of calls) port.hypercall(1, args);
        expect(log.entries.length).to.equal(Math.min(8, calls.length));
        for (const { args = [], values = [], omitted = 0 } of log.entries) {
          expect(args.length + values.length).to.be.at.most(128);
          for (const one of [...args, ...values]) if (one instanceof Uint8Array) expect(one.length).to.be.at.most(4096);
          expect(omitted % 2).to.equal(0);
        }
        const last = calls.at(-1);
        if (last !== undefined) expect(log.entries.at(-1)?.args?.length).to.equal(Math.min(64, last.length));
      }),
      { numRuns: 40 },
    );
  });

  it('has a history of claims that is bounded too, and counts that are not', () => {
    const { hv, guest } = rig({ logLimit: 3 });
    const device = { name: 'disk0' } as never;
    const mark = hv.claims.mark;
    for (let i = 0; i < 4; i++) {
      expect(hv.claims.claim(device, guest)).to.equal(0);
      expect(hv.claims.claim(device, guest)).to.equal(-16);
      expect(hv.claims.release(device, guest)).to.equal(0);
    }
    expect(hv.claims.history.map(({ action }) => action)).to.deep.equal(['claim', 'refuse', 'release']);
    expect(hv.claims.counts).to.deep.equal({ claim: 4, release: 4, refuse: 4 });
    expect(hv.claims.since(hv.claims.mark - 1).map(({ action }) => action)).to.deep.equal(['release']);
    expect(() => hv.claims.since(mark)).to.throw(RangeError, '9 entries were dropped');
  });

  it('forgets guests that are gone', () => {
    const { hv } = rig();
    for (let i = 0; i < 10; i++) hv.createGuest({ name: 'again' }).destroy();
    expect(hv.guests.map(({ name }) => name)).to.deep.equal(['g1']);
  });
});
