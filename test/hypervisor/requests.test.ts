import { expect } from 'chai';
import fc from 'fast-check';
import type { DeviceHost, DeviceRequest } from '../../lib/hypervisor/index';
import { STATUS } from '../../lib/virtio/spec';
import { LIVE, READ, BackendMachine, TestModel, WRITE } from './support';

const later = (ns: number, written = new Uint8Array([7])) =>
  new TestModel((request: DeviceRequest, host: DeviceHost) => host.after(ns, () => request.complete(written)));

describe('a request that is completed with two pieces', () => {
  const AREAS = [
    { ...WRITE, length: 3 },
    { ...WRITE, address: WRITE.address + 64, length: 5 },
  ];

  it('has them one behind the other in its areas, wherever these end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 8 }), fc.nat(8), (bytes, cut) => {
        const model = new TestModel((request) => request.complete(bytes.subarray(0, cut), bytes.subarray(cut)));
        const rig = new BackendMachine(model).start();
        rig.ring.chain([READ, ...AREAS]);
        rig.queue.notify();
        expect(rig.ring.used()).to.deep.equal({ id: 0, length: bytes.length });
        const written = AREAS.flatMap(({ address, length }) => [...rig.guest.memory.read(address, length)]);
        const zeros = Array.from({ length: 8 - bytes.length }, () => 0);
        expect(written).to.deep.equal([...bytes, ...zeros]);
      }),
    );
  });

  it('may show its own bytes: what the model does with them afterwards is not seen', () => {
    const own = Uint8Array.of(1, 2, 3, 4);
    const model = new TestModel((request) => request.complete(own.subarray(0, 2), own.subarray(2)));
    const rig = new BackendMachine(model).start();
    rig.ring.chain([READ, WRITE]);
    rig.queue.notify();
    own.fill(9);
    expect([...rig.guest.memory.read(WRITE.address, 4)]).to.deep.equal([1, 2, 3, 4]);
  });
});

describe('requests in flight', () => {
  const arranged = (ns = 100) => {
    const model = later(ns, new Uint8Array([7, 7, 7, 7]));
    const rig = new BackendMachine(model).start();
    rig.ring.chain([READ, WRITE]);
    rig.queue.notify();
    return { model, rig };
  };
  const untouched = ({ rig, model }: { rig: BackendMachine; model: TestModel }) => {
    expect(rig.guest.memory.getU32(WRITE.address)).to.equal(0);
    expect(rig.ring.usedIdx).to.equal(0);
    expect(rig.interrupts).to.deep.equal([]);
    expect(rig.backend.inFlight).to.equal(0);
    expect(model.served).to.equal(0);
    expect(rig.errors).to.deep.equal([]);
  };

  it('are completed when their time has come', async () => {
    const { rig } = arranged();
    await rig.world.advance(99);
    expect(rig.backend.inFlight).to.equal(1);
    expect(rig.ring.usedIdx).to.equal(0);
    await rig.world.advance(1);
    expect(rig.backend.inFlight).to.equal(0);
    expect(rig.ring.usedIdx).to.equal(1);
    expect(rig.interrupts).to.deep.equal(['queue 0']);
  });

  it('are dropped by a reset and never touch the guest again', async () => {
    const parts = arranged();
    parts.rig.backend.status = 0;
    expect(parts.model.resets).to.equal(1);
    await parts.rig.world.advance(1000);
    untouched(parts);
  });

  it('take what the model has planned on its own along', async () => {
    const { rig, model } = arranged();
    let acted = 0;
    model.host?.after(10, () => void (acted += 1));
    await rig.world.advance(10);
    model.host?.after(10, () => void (acted += 1));
    rig.backend.status = 0;
    await rig.world.advance(1000);
    expect(acted).to.equal(1);
  });

  it('are dropped by unplug; the device answers nothing any more', async () => {
    const parts = arranged();
    parts.rig.backend.unplug();
    await parts.rig.world.advance(1000);
    untouched(parts);
    parts.rig.backend.status = STATUS.ACKNOWLEDGE;
    expect(parts.rig.backend.status).to.equal(0);
    parts.rig.queue.ready = true;
    expect(parts.rig.queue.ready).to.equal(false);
  });

  it('kept by the model past a reset do nothing when completed', () => {
    const kept: DeviceRequest[] = [];
    const model = new TestModel((request) => void kept.push(request));
    const rig = new BackendMachine(model).start();
    rig.ring.chain([READ, WRITE]);
    rig.queue.notify();
    rig.backend.status = 0;
    kept[0]?.complete(new Uint8Array([1]));
    untouched({ rig, model });
  });

  it('do not come back into a ring that was set up anew', async () => {
    const { rig } = arranged();
    rig.queue.ready = false;
    rig.queue.ready = true;
    await rig.world.advance(1000);
    expect(rig.ring.usedIdx).to.equal(0);
    expect(rig.interrupts).to.deep.equal([]);
  });

  it('of a destroyed guest are refused and logged', async () => {
    const { rig } = arranged();
    rig.guest.destroy();
    await rig.world.advance(1000);
    expect(rig.guest.memory.getU32(WRITE.address)).to.equal(0);
    expect(rig.refusals).to.deep.equal([
      'device test0, queue 0 reaches for memory of guest g1 at 0x3000, but the guest is gone',
    ]);
  });

  it('end in the order that the model gives them', async () => {
    const model = new TestModel((r, host) => host.after(r.readable.length * 100, () => r.complete()));
    const rig = new BackendMachine(model).start();
    rig.ring.chain([{ address: 0x8000, length: 3 }], 0);
    rig.ring.chain([{ address: 0x8000, length: 1 }], 1);
    rig.ring.chain([{ address: 0x8000, length: 1 }], 2);
    rig.queue.notify();
    await rig.world.advance(1000);
    expect(rig.ring.used()?.id).to.equal(1);
    expect(rig.ring.used()?.id).to.equal(2);
    expect(rig.ring.used()?.id).to.equal(0);
  });
});

describe('a model that throws', () => {
  const broken = (serve: (r: DeviceRequest, h: DeviceHost) => void) => {
    const model = new TestModel(serve);
    const rig = new BackendMachine(model).start();
    rig.ring.chain([READ, WRITE]);
    return { model, rig };
  };
  const defect = new Error('defect');
  const toss = () => {
    throw defect;
  };

  it('has its request completed with no bytes, needs a reset, and the error is in the log', () => {
    const { rig } = broken(toss);
    rig.queue.notify();
    expect(rig.ring.used()).to.deep.equal({ id: 0, length: 0 });
    expect(rig.backend.status).to.equal(LIVE | STATUS.DEVICE_NEEDS_RESET);
    expect(rig.interrupts).to.deep.equal(['queue 0', 'config']);
    expect(rig.hv.log.errors.map((e) => [e.guest, e.message, e.error])).to.deep.equal([
      ['g1', 'device test0: queue 0 threw', defect],
    ]);
  });

  it('may do so later, with the same result', async () => {
    const { rig } = broken((_request, host) => host.after(10, toss));
    rig.queue.notify();
    await rig.world.advance(10);
    expect(rig.ring.used()).to.deep.equal({ id: 0, length: 0 });
    expect(rig.backend.status).to.equal(LIVE | STATUS.DEVICE_NEEDS_RESET);
    expect(rig.errors).to.deep.equal(['device test0: a later step threw: Error: defect']);
  });

  it('is one that completes with two pieces that are too much together', () => {
    const { rig } = broken((request) => request.complete(new Uint8Array(3), new Uint8Array(2)));
    rig.queue.notify();
    expect(rig.ring.used()).to.deep.equal({ id: 0, length: 0 });
    expect(rig.errors[0]).to.include('5 bytes written, 4 writable');
    expect(rig.guest.memory.getU32(WRITE.address)).to.equal(0);
  });

  it('is one that completes twice or with too much', () => {
    const twice = broken((request) => {
      request.complete(new Uint8Array([1]));
      request.complete(new Uint8Array([2]));
    });
    twice.rig.queue.notify();
    expect(twice.rig.ring.used()).to.deep.equal({ id: 0, length: 1 });
    expect(twice.rig.ring.used()).to.equal(undefined);
    expect(twice.rig.errors[0]).to.include('completed twice');
    const tooMuch = broken((request) => request.complete(new Uint8Array(5)));
    tooMuch.rig.queue.notify();
    expect(tooMuch.rig.ring.used()).to.deep.equal({ id: 0, length: 0 });
    expect(tooMuch.rig.errors[0]).to.include('5 bytes written, 4 writable');
  });

  it('works again after a reset', () => {
    let calls = 0;
    const { rig } = broken((request) => {
      calls += 1;
      if (calls === 1) throw defect;
      request.complete(new Uint8Array([1]));
    });
    rig.queue.notify();
    rig.restart();
    rig.ring.chain([READ, WRITE]);
    rig.queue.notify();
    expect(rig.ring.used()).to.deep.equal({ id: 0, length: 1 });
    expect(rig.backend.status).to.equal(LIVE);
  });

  it('in config, writeConfig, reset or attach throws nothing at the guest', () => {
    const model = new TestModel();
    const rig = new BackendMachine(model).negotiate();
    Object.assign(model, { config: toss });
    expect([...rig.backend.readConfig(0, 2)]).to.deep.equal([255, 255]);
    rig.backend.writeConfig(0, new Uint8Array(1));
    expect(rig.backend.status & STATUS.DEVICE_NEEDS_RESET).to.equal(STATUS.DEVICE_NEEDS_RESET);
    Object.assign(model, { reset: toss });
    rig.backend.status = 0;
    expect(rig.backend.status).to.equal(0);
    const other = new BackendMachine(Object.assign(new TestModel(), { attach: toss }));
    expect([...rig.errors, ...other.errors]).to.deep.equal([
      'device test0: config threw: Error: defect',
      'device test0: writeConfig threw: Error: defect',
      'device test0: reset threw: Error: defect',
      'device test0: attach threw: Error: defect',
    ]);
  });

  it('leaves other devices of the guest untouched', async () => {
    const { rig } = broken(toss);
    const good = later(10);
    const other = new BackendMachine(good).start();
    other.ring.chain([READ, WRITE]);
    rig.queue.notify();
    other.queue.notify();
    await other.world.advance(10);
    expect(other.backend.status).to.equal(LIVE);
    expect(other.ring.used()).to.deep.equal({ id: 0, length: 1 });
  });
});
