import { expect } from 'chai';
import { fixtures } from '../../buses';
import { vbus } from '../../buses/vbus';
import { virtioConsole } from '../../drivers/virtio_console';
import { virtioNet } from '../../drivers/virtio_net';
import type { StyleName } from '../../lib/access/place';
import { consolePair, networkPair } from '../../lib/hypervisor';
import { fixtureName, Machine, type BusFixture, type MachineGuest } from '../../lib/machine';
import { utf8Decode } from '../../lib/utf8';
import { codeOf } from '../support/errors';
import { bytes, cable, cardOf, complaints, frame, hostCopied, line, numberOf, open, ready } from './pair-support';

const BUSES: readonly BusFixture[] = [...new Set([...fixtures, vbus])].filter(
  ({ strategy }) => strategy === null || strategy === 'at-probe',
);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** What takes an end away so that the host knows of it. */
const ENDS: Readonly<Record<string, (guest: MachineGuest, machine: Machine) => unknown>> = {
  'its driver is unbound': (guest) => guest.bindFile('unbind', guest.boundNames()[0] ?? ''),
  'it is unplugged': (_guest, machine) => machine.plugged[1]?.unplug(),
  'its guest is destroyed': (guest) => {
    guest.die();
    guest.guest.destroy();
  },
  'its guest is shut down': (guest) => guest.shutDown(),
};

describe('two network cards on one mapped device', () => {
  for (const bus of BUSES) {
    it(`${fixtureName(bus)}: carry frames both ways in order, and the host copies nothing`, async () => {
      const { a, b, machine, guests } = await cable(bus);
      const before = hostCopied(machine);
      for (const i of upTo(200)) {
        a.net.transmit(frame(i, 46 + 7 * i));
        b.net.transmit(frame(i));
        if (i % 20 === 0) await machine.settle();
      }
      await machine.settle();
      expect(b.heard).to.deep.equal(upTo(200).map((i) => frame(i, 46 + 7 * i)));
      expect(a.heard).to.deep.equal(upTo(200).map((i) => frame(i)));
      expect(hostCopied(machine)).to.equal(before);
      expect(guests.flatMap(complaints)).to.deep.equal([]);
    });
  }

  it('copy each frame once at either end', async () => {
    const { a, machine, guests } = await cable();
    const before = guests.map((guest) => guest.counters().bytesCopiedGuest);
    a.net.transmit(frame(1, 984));
    await machine.settle();
    const header = 12;
    for (const [i, guest] of guests.entries()) {
      expect(guest.counters().bytesCopiedGuest - (before[i] ?? 0), guest.name).to.equal(1000 + header);
    }
  });

  it('carry jumbo frames if they are made for them', async () => {
    const { a, b, machine } = await cable(vbus, 9000);
    a.net.transmit(frame(3, 8900));
    await machine.settle();
    expect(b.heard).to.deep.equal([frame(3, 8900)]);
  });

  for (const [what, end] of Object.entries(ENDS)) {
    it(`have no link when ${what} at the other end`, async () => {
      const { a, machine, guests } = await cable();
      expect(a.net.carrierOk).to.equal(true);
      await end(guests[1], machine);
      await machine.settle();
      expect(a.net.carrierOk).to.equal(false);
      expect(complaints(guests[0])).to.deep.equal([]);
    });
  }

  it('have a link again when the other driver is bound again', async () => {
    const { a, machine, guests } = await cable();
    const [name = ''] = guests[1].boundNames();
    await guests[1].bindFile('unbind', name);
    await guests[1].bindFile('bind', name);
    expect(a.net.carrierOk).to.equal(true);
    const b = await cardOf(guests[1]);
    a.net.transmit(frame(9));
    await machine.settle();
    expect(b.heard).to.deep.equal([frame(9)]);
  });

  it('keep frames for a guest that died until the ring is full, and the kernel that comes next gets them', async () => {
    const { a, machine, guests } = await cable();
    guests[1].die();
    const accepted: number[] = [];
    const code = await codeOf(() => {
      for (const i of upTo(5000)) {
        a.net.transmit(frame(i, 1000));
        accepted.push(i);
      }
    });
    expect(code).to.equal('ENOBUFS');
    await machine.settle();
    expect(a.net.carrierOk, 'nobody knows that it died').to.equal(true);
    const inRing = accepted.length - a.net.backlog;
    expect(inRing).to.be.within(60, 200);
    await ready(guests[1], virtioNet);
    const b = await cardOf(guests[1]);
    await machine.settle();
    expect(b.heard.slice(0, inRing).map(numberOf)).to.deep.equal(upTo(inRing));
    expect(complaints(guests[0])).to.deep.equal([]);
  });

  it('go on when a guest was restarted, in both directions', async () => {
    const { a, machine, guests } = await cable();
    for (const i of upTo(3)) {
      guests[1].die();
      await ready(guests[1], virtioNet);
      const b = await cardOf(guests[1]);
      a.net.transmit(frame(i));
      b.net.transmit(frame(100 + i));
      await machine.settle();
      expect(b.heard.map(numberOf)).to.deep.equal([i]);
    }
    expect(a.heard.map(numberOf)).to.deep.equal([100, 101, 102]);
  });

  it('sleep and wake with what was sent meanwhile', async () => {
    const { a, b, machine, guests } = await cable();
    expect(await guests[1].suspend()).to.equal(0);
    await machine.settle();
    expect(a.net.carrierOk).to.equal(false);
    await guests[1].resume();
    await machine.settle();
    expect(a.net.carrierOk).to.equal(true);
    a.net.transmit(frame(4));
    await machine.settle();
    expect(b.heard).to.deep.equal([frame(4)]);
  });
});

describe('two consoles on one mapped device', () => {
  const NODE = 'vport0p1';

  it('carry text both ways through port and terminal, and the host copies nothing', async () => {
    const { machine, guests } = await line();
    const files = await Promise.all(guests.map(async (guest) => [await open(guest, NODE), await open(guest, 'hvc0')]));
    await machine.settle();
    const before = hostCopied(machine);
    for (const [i, text] of ['up\n', 'down\n'].entries()) {
      for (const which of [0, 1]) {
        await files[i]?.[which]?.write(bytes(text));
        await machine.settle();
        expect(utf8Decode((await files[1 - i]?.[which]?.read()) ?? bytes(''))).to.equal(text);
      }
    }
    expect(hostCopied(machine)).to.equal(before);
    expect(guests.flatMap(complaints)).to.deep.equal([]);
  });

  it('carry more in one piece than the receiver has in a buffer', async () => {
    const { machine, guests } = await line();
    const [from, to] = [await open(guests[0], NODE), await open(guests[1], NODE)];
    await machine.settle();
    const text = Uint8Array.from({ length: 32_000 }, (_, i) => i * 7);
    for (const round of [1, 2, 3]) {
      expect(await from.write(text), String(round)).to.equal(text.length);
      await machine.settle();
      const got: number[] = [];
      while (got.length < text.length) got.push(...(await to.read(5000)));
      expect(got).to.deep.equal([...text]);
    }
  });

  it('have a port open while the other guest has it open', async () => {
    const { machine, guests, consoles } = await line();
    const file = await open(guests[0], NODE);
    await machine.settle();
    expect(await codeOf(() => file.write(bytes('x')))).to.equal('EAGAIN');
    const other = await open(guests[1], NODE);
    await machine.settle();
    expect(await codeOf(() => file.write(bytes('x')))).to.equal('');
    await other.close();
    await machine.settle();
    expect(consoles[0].port(1).isOpen).to.equal(false);
    expect(await codeOf(() => file.write(bytes('x')))).to.equal('EAGAIN');
  });

  for (const [what, end] of Object.entries(ENDS)) {
    it(`give a reader the end of the file when ${what} at the other end`, async () => {
      const { machine, guests } = await line();
      const file = await open(guests[0], NODE);
      const other = await open(guests[1], NODE);
      await machine.settle();
      expect(await codeOf(() => file.read())).to.equal('EAGAIN');
      if (what.includes('shut down')) await other.close();
      await end(guests[1], machine);
      await machine.settle();
      expect(await file.read()).to.have.length(0);
      expect(complaints(guests[0])).to.deep.equal([]);
    });
  }

  it('keep what a terminal wrote for a guest that died, as far as there is room', async () => {
    const { machine, guests } = await line();
    const terminal = await open(guests[0], 'hvc0');
    guests[1].die();
    const written: number[] = [];
    const code = await codeOf(async () => {
      for (const i of upTo(100)) {
        await terminal.write(new Uint8Array(1000).fill(97 + (i % 26)));
        await machine.settle();
        written.push(i);
      }
    });
    expect(code).to.equal('ENOSPC');
    expect(written.length).to.be.within(10, 65);
    await ready(guests[1], virtioConsole);
    const other = await open(guests[1], 'hvc0');
    const first = await other.read();
    expect(first.slice(0, 1001)).to.deep.equal(Uint8Array.of(...new Uint8Array(1000).fill(97), 98));
    expect(complaints(guests[0])).to.deep.equal([]);
  });

  it('have the ports that they were made with', async () => {
    const { consoles } = await line();
    expect(await codeOf(() => consoles[0].addPort(1))).to.equal('EINVAL');
    expect(await codeOf(() => consolePair({ name: 'x', ports: upTo(6).map(() => ({})) }))).to.equal('EINVAL');
    expect(await codeOf(() => consolePair({ name: 'x', ports: [] }))).to.equal('EINVAL');
  });
});

describe('an end of a pair', () => {
  const plug = (bus: BusFixture, access?: readonly StyleName[]): Promise<string> =>
    codeOf(() => {
      const conditions = {
        seed: 1,
        devices: 2,
        policy: 'lowest',
        ...(access === undefined ? {} : { access }),
      } as const;
      return new Machine(bus, conditions, networkPair({ name: 'cable' }), 2);
    });

  for (const bus of BUSES) {
    for (const style of ['mmio', 'channel', 'fd'] as const) {
      it(`${fixtureName(bus)}: is refused in style ${style}`, async () => {
        expect(await plug(bus, [style])).to.equal('EINVAL');
      });
    }
    it(`${fixtureName(bus)}: is refused where the bus accesses it in its own way`, async () => {
      expect(await plug(bus)).to.equal('EINVAL');
    });
  }

  it('is refused with an address or an MTU that no card has', async () => {
    const mac = new Uint8Array(6);
    expect(await codeOf(() => networkPair({ name: 'x', macs: [mac, new Uint8Array(5)] }))).to.equal('EINVAL');
    expect(await codeOf(() => networkPair({ name: 'x', mtu: 67 }))).to.equal('EINVAL');
    expect(await codeOf(() => networkPair({ name: 'x', mtu: 9001 }))).to.equal('EINVAL');
  });
});
