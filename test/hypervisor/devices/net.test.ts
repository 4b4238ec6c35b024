import { expect } from 'chai';
import * as fc from 'fast-check';
import { COSTS, NetworkDevice, NetworkHub, type NetworkOptions } from '../../../lib/hypervisor';
import { featureBit, hasFeature, NET } from '../../../lib/virtio/spec';
import { LIVE, BackendMachine, VERSION_1 } from '../support';
import { thrownBy } from '../../support/errors';

const MAC = Uint8Array.of(2, 0, 0, 0, 0, 1);
const OTHER = Uint8Array.of(2, 0, 0, 0, 0, 2);
const SOON = 10 * COSTS.network;

const frame = (to: Uint8Array, from: Uint8Array, data = 0): Uint8Array =>
  Uint8Array.of(...to, ...from, 0x88, 0xb5, ...new Uint8Array(46).fill(data));

/** One device behind a bare backend, and a port of the host beside it on the hub. */
function rigWith(over: Partial<NetworkOptions> = {}) {
  const hub = new NetworkHub();
  const heard: Uint8Array[] = [];
  const host = hub.plug({ receive: (bytes) => void heard.push(bytes) });
  const model = new NetworkDevice({ name: 'net0', hub, mac: MAC, ...over });
  const rig = new BackendMachine(model).start(VERSION_1 | model.features());
  return { hub, heard, host, model, rig };
}

/** Has the device send `bytes`: through queue 1, in the ring's place. */
async function transmit(rig: BackendMachine, bytes: Uint8Array, head = 0): Promise<void> {
  const queue = rig.backend.queues[NET.TRANSMITQ]!;
  if (!queue.ready) Object.assign(queue, { size: 8, desc: 0x4000, driver: 0x5000, device: 0x6000, ready: true });
  rig.guest.memory.write(0x8000, bytes);
  const at = 0x4000 + 16 * head;
  rig.guest.memory.setU64(at, 0x8000n);
  rig.guest.memory.setU32(at + 8, bytes.length);
  rig.guest.memory.setU16(at + 12, 0);
  const index = rig.guest.memory.getU16(0x5002);
  rig.guest.memory.setU16(0x5004 + 2 * (index % 8), head);
  rig.guest.memory.setU16(0x5002, index + 1);
  queue.notify();
  await rig.world.advance(SOON);
}

const sent = (bytes: Uint8Array): Uint8Array => Uint8Array.of(...new Uint8Array(NET.HEADER_BYTES), ...bytes);

describe('NetworkDevice (VIRTIO 1.2 §5.1)', () => {
  it('is device 1, with its address, link and MTU in the configuration', () => {
    const { rig, model } = rigWith({ mtu: 9000 });
    expect(model.deviceId).to.equal(1);
    expect(rig.backend.queues.length).to.equal(2);
    expect([...rig.backend.readConfig(0, 12)]).to.deep.equal([...MAC, 1, 0, 1, 0, 0x28, 0x23]);
    expect([NET.F_MAC, NET.F_STATUS, NET.F_MTU].every((bit) => hasFeature(model.features(), bit))).to.equal(true);
    expect(new NetworkDevice({ name: 'plain', hub: new NetworkHub(), mac: null }).features()).to.equal(
      featureBit(NET.F_STATUS),
    );
  });

  it('refuses addresses and MTUs that are none', () => {
    const hub = new NetworkHub();
    expect(thrownBy(() => new NetworkDevice({ name: 'n', hub, mac: new Uint8Array(5) })).code).to.equal('EINVAL');
    for (const mtu of [67, 65536, Number.NaN]) {
      expect(thrownBy(() => new NetworkDevice({ name: 'n', hub, mac: MAC, mtu })).code).to.equal('EINVAL');
    }
    expect(hub.size).to.equal(0);
  });

  it('puts a frame into the oldest buffer, behind a header that says so (§5.1.6.4)', async () => {
    const { rig, host } = rigWith();
    rig.ring.chain([{ address: 0x9000, length: 1530, write: true }]);
    rig.queue.notify();
    host.send(frame(MAC, OTHER, 5));
    await rig.world.advance(SOON);
    expect(rig.ring.used()).to.deep.equal({ id: 0, length: 12 + 60 });
    expect([...rig.guest.memory.read(0x9000, 72)]).to.deep.equal([
      ...new Uint8Array(10),
      1,
      0,
      ...frame(MAC, OTHER, 5),
    ]);
    expect(rig.interrupts).to.deep.equal(['queue 0']);
  });

  it('passes on what the driver sends, without the header', async () => {
    const { rig, heard } = rigWith();
    await transmit(rig, sent(frame(OTHER, MAC, 6)));
    expect(heard).to.deep.equal([frame(OTHER, MAC, 6)]);
    expect(rig.guest.memory.getU16(0x6002)).to.equal(1);
  });

  it('takes what is for it or for several, unless it is curious', async () => {
    for (const [promiscuous, expected] of [
      [false, 2],
      [true, 3],
    ] as const) {
      const { rig, host, model } = rigWith({ promiscuous });
      for (const to of [MAC, OTHER, new Uint8Array(6).fill(0xff)]) host.send(frame(to, OTHER));
      await rig.world.advance(SOON);
      expect(model.receiveDropped).to.equal(expected);
    }
  });

  it('drops and counts what finds no buffer, or one too small', async () => {
    const { rig, host, model } = rigWith();
    host.send(frame(MAC, OTHER));
    await rig.world.advance(SOON);
    rig.ring.chain([{ address: 0x9000, length: 71, write: true }]);
    rig.queue.notify();
    host.send(frame(MAC, OTHER));
    await rig.world.advance(SOON);
    expect(model.receiveDropped).to.equal(2);
    expect(model.buffers).to.equal(1);
    expect(rig.ring.used()).to.equal(undefined);
  });

  it('tells of its cable, and loses frames without it', async () => {
    const { rig, host, model, heard } = rigWith();
    const generation = rig.backend.configGeneration;
    model.setLink(false);
    model.setLink(false);
    expect(rig.backend.configGeneration - generation).to.equal(1);
    expect(rig.interrupts).to.deep.equal(['config']);
    expect([...rig.backend.readConfig(NET.CONFIG_STATUS, 2)]).to.deep.equal([0, 0]);
    host.send(frame(MAC, OTHER));
    await transmit(rig, sent(frame(OTHER, MAC)));
    expect(heard).to.deep.equal([]);
    expect(model.sendDropped).to.equal(1);
    expect(model.receiveDropped).to.equal(1);
  });

  it('forgets its buffers with a reset, and leaves the hub when told', async () => {
    const { rig, host, model, hub } = rigWith();
    rig.ring.chain([{ address: 0x9000, length: 1530, write: true }]);
    rig.queue.notify();
    host.send(frame(MAC, OTHER));
    rig.backend.status = 0;
    await rig.world.advance(SOON);
    expect(model.buffers).to.equal(0);
    expect(rig.guest.memory.getU16(rig.ring.device + 2)).to.equal(0);
    model.leaveHub();
    expect(hub.size).to.equal(1);
  });

  it('survives whatever a guest sends: nothing but whole frames gets out', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 8 }), async (pieces) => {
        const { rig, heard, model } = rigWith();
        for (const [i, piece] of pieces.entries()) await transmit(rig, piece, i % 8);
        const good = pieces.filter((p) => p.length >= 26 && p[0] === 0 && p[1] === 0).map((p) => p.slice(12));
        expect(heard).to.deep.equal(good);
        expect(model.sendDropped).to.equal(pieces.length - good.length);
        expect(rig.errors).to.deep.equal([]);
        expect(rig.backend.status).to.equal(LIVE);
      }),
    );
  });
});

describe('NetworkHub', () => {
  it('passes what one port sends to all others, to each a copy', () => {
    const hub = new NetworkHub();
    const heard: number[][] = [];
    const place = (index: number) =>
      hub.plug({
        receive: (bytes) => {
          heard.push([index, ...bytes]);
          bytes.fill(0);
        },
      });
    const [a, b] = [place(0), place(1), place(2)];
    a.send(Uint8Array.of(7, 8));
    expect(heard).to.deep.equal([
      [1, 7, 8],
      [2, 7, 8],
    ]);
    b.unplug();
    b.unplug();
    b.send(Uint8Array.of(1));
    a.send(Uint8Array.of(9));
    expect(heard.slice(2)).to.deep.equal([[2, 9]]);
    expect(hub.size).to.equal(2);
  });
});
