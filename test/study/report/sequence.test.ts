import { expect } from 'chai';
import { ccw } from '../../../buses/ccw';
import { ps3AtOnline, ps3AtProbe, ps3Eager } from '../../../buses/ps3-handle';
import { vbus } from '../../../buses/vbus';
import { vpci } from '../../../buses/vpci';
import { virtioBlk } from '../../../drivers/virtio_blk';
import { blockWorkload, Testbed, recordSequence, type BusFixture, type Message, type Sequence } from '../../../lib';
import { recordDriverCalls } from '../../../lib/study/report/driver-calls';

const sequence = (fixture: BusFixture, devices = 2): Promise<Sequence> =>
  recordSequence(new Testbed(fixture, { seed: 1, devices, policy: 'lowest' }, blockWorkload(virtioBlk)));

const said = (messages: readonly Message[]): string[] =>
  messages.map(({ from, to, text }) => `${from} > ${to}: ${text}`);

describe('sequences of bind and unbind', () => {
  it('go from the user through core, bus and driver to the host', async () => {
    const { bind } = await sequence(vpci);
    const lines = said(bind);
    expect(lines.slice(0, 4)).to.deep.equal([
      'user > core: echo 0000:00:01.0 > bind',
      'core > bus: match virtio-pci 0000:00:01.0 = 1',
      'core > bus: probe 0000:00:01.0',
      'bus > driver: virtio-pci: probe',
    ]);
    expect(lines[4]).to.match(/^driver > host: \d+ register accesses$/);
    expect(lines).to.include('driver > core: device_add virtio0').and.include('bus > driver: virtio_blk: probe');
    expect(lines.slice(-2)).to.deep.equal(['core > user: uevent bind 0000:00:01.0', 'core > user: done']);
  });

  it('come to an end on the same way back', async () => {
    const lines = said((await sequence(vpci)).unbind);
    expect(lines.slice(0, 3)).to.deep.equal([
      'user > core: echo 0000:00:01.0 > unbind',
      'core > bus: remove 0000:00:01.0',
      'bus > driver: virtio-pci: remove',
    ]);
    expect(lines).to.include('driver > core: device_del virtio0').and.include('bus > driver: virtio_blk: remove');
    expect(lines.at(-1)).to.equal('core > user: done');
  });

  it('show who claims a device, and between which questions', async () => {
    const { bind, unbind } = await sequence(ps3AtProbe);
    const claim = bind.findIndex(({ kind }) => kind === 'claim');
    expect(said(bind).slice(claim - 1, claim + 2)).to.deep.equal([
      'core > bus: probe blk_00',
      'bus > host: lv1_alloc_device: claims disk0',
      'bus > driver: ps3_virtio: probe',
    ]);
    expect(unbind.filter(({ kind }) => kind === 'claim').map(({ text }) => text)).to.deep.equal([
      'lv1_free_device: releases disk0',
    ]);
  });

  it('claim nothing where the scan has done so or where devices are not claimed', async () => {
    for (const fixture of [vpci, ps3Eager]) {
      const { bind, unbind } = await sequence(fixture);
      expect([...bind, ...unbind].filter(({ kind }) => kind === 'claim')).to.deep.equal([]);
    }
  });

  it('show a claim that the channel subsystem sees in a program, and its end', async () => {
    const { bind, unbind } = await sequence(ccw);
    const claims = (messages: readonly Message[]): string[] => said(messages.filter(({ kind }) => kind === 'claim'));
    expect(claims(bind)).to.deep.equal(['driver > host: claims disk0']);
    expect(claims(unbind)).to.deep.equal(['bus > host: msch: releases disk0']);
  });

  it('show a claim in the probe of the driver where the bus has no part in it', async () => {
    const { bind } = await sequence(vbus);
    const claim = bind.findIndex(({ kind }) => kind === 'claim');
    expect(said(bind).slice(claim - 1, claim + 1)).to.deep.equal([
      'bus > driver: virtio_vbus: probe',
      'driver > host: vbus_open: claims disk0',
    ]);
  });

  it('show what goes on after the user has got an answer', async () => {
    const lines = said((await sequence(ps3AtOnline)).bind);
    expect(lines.indexOf('bus > host: lv1_alloc_device: claims disk0')).to.be.greaterThan(
      lines.indexOf('core > user: done'),
    );
  });

  it('make one message of accesses that follow each other, and name the calls', async () => {
    const { unbind } = await sequence(ccw);
    expect(said(unbind)).to.include('driver > host: 6 calls: ssch, tsch');
  });

  it('are empty where there is no device', async () => {
    expect(await sequence(vpci, 0)).to.deep.equal({ bus: 'vpci', strategy: null, bind: [], unbind: [] });
  });
});

describe('overhear', () => {
  const notes: string[] = [];
  const listener = {
    called: (name: string) => void notes.push(`called ${name}`),
    returned: (name: string) => void notes.push(`returned ${name}`),
  };
  beforeEach(() => void (notes.length = 0));

  it('changes neither values nor results nor this', () => {
    const def = {
      name: 'x',
      factor: 2,
      times(n: number): number {
        return this.factor * n;
      },
    };
    expect(recordDriverCalls(def, listener).times(4)).to.equal(8);
    expect(recordDriverCalls(def, listener)).to.include({ name: 'x', factor: 2 });
    expect(notes).to.deep.equal(['called times', 'returned times']);
  });

  it('tells of the end of what sleeps when it ends', async () => {
    const def = {
      probe: async (): Promise<number> => {
        await Promise.resolve();
        notes.push('at work');
        return 7;
      },
    };
    expect(await recordDriverCalls(def, listener).probe()).to.equal(7);
    expect(notes).to.deep.equal(['called probe', 'at work', 'returned probe']);
  });

  it('passes on what is thrown', async () => {
    const sync = {
      probe: (): void => {
        throw new RangeError('now');
      },
    };
    expect(() => recordDriverCalls(sync, listener).probe()).to.throw(RangeError, 'now');
    const late = {
      probe: async (): Promise<void> => {
        throw new RangeError('later');
      },
    };
    expect(
      await recordDriverCalls(late, listener)
        .probe()
        .catch((error: unknown) => String(error)),
    ).to.equal('RangeError: later');
    expect(notes).to.deep.equal(['called probe', 'returned probe', 'called probe', 'returned probe']);
  });
});
