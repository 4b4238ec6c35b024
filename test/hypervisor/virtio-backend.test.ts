import { expect } from 'chai';
import { TRANSITIONS } from '../../lib/hypervisor/virtio-status';
import { FEATURE, STATUS, featureBit } from '../../lib/virtio/spec';
import { ACK_DRIVER, FEATURES_DONE, LIVE, READ, BackendMachine, TestModel, VERSION_1, WRITE } from './support';
import { thrownBy } from '../support/errors';

describe('VirtioBackend', () => {
  describe('status', () => {
    it('climbs the steps of VIRTIO 1.2 §3.1.1', () => {
      const { backend } = new BackendMachine(new TestModel());
      const { ACKNOWLEDGE, DRIVER, FEATURES_OK, DRIVER_OK } = STATUS;
      backend.driverFeatures = VERSION_1;
      let status = 0;
      for (const bit of [ACKNOWLEDGE, DRIVER, FEATURES_OK, DRIVER_OK]) {
        status |= bit;
        backend.status = status;
        expect(backend.status).to.equal(status);
      }
    });

    it('refuses a bit before those it stands on, for each row of the table', () => {
      for (const { bit, name, needs } of TRANSITIONS.filter((row) => row.needs !== 0)) {
        const rig = new BackendMachine(new TestModel());
        rig.backend.status = bit;
        expect(rig.backend.status, name).to.equal(0);
        expect(rig.refusals.length, name).to.equal(1);
        expect(rig.refusals[0], name).to.include(`sets ${name} before 0x${needs.toString(16)}`);
      }
    });

    it('refuses to lose a bit without a reset', () => {
      const rig = new BackendMachine(new TestModel());
      rig.backend.status = ACK_DRIVER;
      rig.backend.status = STATUS.ACKNOWLEDGE;
      expect(rig.backend.status).to.equal(ACK_DRIVER);
      expect(rig.refusals).to.deep.equal(['device test0: status 0x3 to 0x1: clears 0x2 without a reset']);
    });

    it("refuses bits that are not the driver's", () => {
      const rig = new BackendMachine(new TestModel());
      for (const bit of [16, 32, STATUS.DEVICE_NEEDS_RESET, 256]) rig.backend.status = STATUS.ACKNOWLEDGE | bit;
      expect(rig.backend.status).to.equal(0);
      expect(rig.refusals.length).to.equal(4);
    });

    it('takes FAILED at any time', () => {
      const rig = new BackendMachine(new TestModel());
      rig.backend.status = STATUS.FAILED;
      expect(rig.backend.status).to.equal(STATUS.FAILED);
    });

    it('keeps FEATURES_OK clear for features that were not offered, and without VERSION_1', () => {
      for (const features of [VERSION_1 | 2n, 1n, 0n, VERSION_1 | featureBit(63)]) {
        const { backend } = new BackendMachine(new TestModel()).negotiate(features);
        expect(backend.status, String(features)).to.equal(ACK_DRIVER);
      }
    });

    it('gives no DRIVER_OK with features that were refused in the same write', () => {
      const { backend } = new BackendMachine(new TestModel());
      backend.status = LIVE;
      expect(backend.status).to.equal(ACK_DRIVER);
    });

    it('keeps DEVICE_NEEDS_RESET whatever the driver writes, until a reset', () => {
      const { backend } = new BackendMachine(new TestModel()).start();
      backend.needsReset();
      backend.status = LIVE | STATUS.FAILED;
      expect(backend.status).to.equal(LIVE | STATUS.FAILED | STATUS.DEVICE_NEEDS_RESET);
      backend.status = 0;
      expect(backend.status).to.equal(0);
    });

    it('tells a live driver once that the device needs a reset, and no other', () => {
      const rig = new BackendMachine(new TestModel()).negotiate();
      rig.backend.needsReset();
      expect(rig.interrupts).to.deep.equal([]);
      rig.backend.status = 0;
      rig.start();
      rig.backend.needsReset();
      rig.backend.needsReset();
      expect(rig.interrupts).to.deep.equal(['config']);
    });
  });

  describe('features', () => {
    it("are the model's and those of the ring", () => {
      const { backend } = new BackendMachine(new TestModel());
      const ring = featureBit(FEATURE.RING_INDIRECT_DESC) | featureBit(FEATURE.RING_EVENT_IDX);
      expect(backend.deviceFeatures).to.equal(VERSION_1 | ring | 0b101n);
    });

    it('are fixed by FEATURES_OK, and free again after a reset', () => {
      const rig = new BackendMachine(new TestModel()).negotiate(VERSION_1 | 1n);
      rig.backend.driverFeatures = VERSION_1;
      expect(rig.backend.driverFeatures).to.equal(VERSION_1 | 1n);
      expect(rig.refusals).to.deep.equal(['device test0: features written after FEATURES_OK']);
      rig.backend.status = 0;
      expect(rig.backend.driverFeatures).to.equal(0n);
    });
  });

  describe('configuration', () => {
    it("is the model's, with all ones behind its end", () => {
      const { backend } = new BackendMachine(new TestModel());
      expect([...backend.readConfig(0, 4)]).to.deep.equal([1, 2, 3, 4]);
      expect([...backend.readConfig(2, 4)]).to.deep.equal([3, 4, 255, 255]);
      expect([...backend.readConfig(100, 2)]).to.deep.equal([255, 255]);
    });

    it('is written as far as it goes', () => {
      const model = new TestModel();
      const { backend } = new BackendMachine(model);
      const writes: number[][] = [];
      model.writeConfig = (offset, bytes) => void writes.push([offset, ...bytes]);
      backend.writeConfig(2, new Uint8Array([8, 9, 10]));
      backend.writeConfig(4, new Uint8Array([11]));
      backend.writeConfig(9, new Uint8Array([11]));
      expect(writes).to.deep.equal([[2, 8, 9]]);
    });

    it('that changes counts a generation and interrupts a live driver', () => {
      const model = new TestModel();
      const rig = new BackendMachine(model);
      model.host?.configChanged();
      expect(rig.backend.configGeneration).to.equal(1);
      expect(rig.interrupts).to.deep.equal([]);
      rig.start();
      model.host?.configChanged();
      expect(rig.backend.configGeneration).to.equal(2);
      expect(rig.interrupts).to.deep.equal(['config']);
    });
  });

  describe('queues', () => {
    it('serve a chain: readable to the model, writable back, used entry, interrupt', () => {
      const model = new TestModel((request) => request.complete(Uint8Array.from(request.readable, (b) => b + 1)));
      const rig = new BackendMachine(model).start();
      rig.guest.memory.write(READ.address, new Uint8Array([1, 2, 3, 4]));
      rig.ring.chain([READ, WRITE]);
      rig.queue.notify();
      expect([...(model.seen[0] ?? [])]).to.deep.equal([1, 2, 3, 4]);
      expect(rig.guest.memory.getU32(WRITE.address)).to.equal(0x05040302);
      expect(rig.ring.used()).to.deep.equal({ id: 0, length: 4 });
      expect(rig.interrupts).to.deep.equal(['queue 0']);
      expect(model.served).to.equal(1);
      expect(rig.guest.port.counters().bytesCopiedHost).to.equal(8);
    });

    it('gather and scatter over many descriptors', () => {
      const model = new TestModel((request) => request.complete(request.readable.slice().reverse()));
      const rig = new BackendMachine(model).start();
      rig.guest.memory.write(0x8000, new Uint8Array([1, 2, 3]));
      rig.guest.memory.write(0x8100, new Uint8Array([4, 5]));
      rig.ring.chain([
        { address: 0x8000, length: 3 },
        { address: 0x8100, length: 2 },
        { address: 0x9000, length: 1, write: true },
        { address: 0x9100, length: 9, write: true },
      ]);
      rig.queue.notify();
      expect(rig.guest.memory.getU8(0x9000)).to.equal(5);
      expect([...rig.guest.memory.read(0x9100, 5)]).to.deep.equal([4, 3, 2, 1, 0]);
      expect(rig.ring.used()).to.deep.equal({ id: 0, length: 5 });
    });

    it('go round: indexes wrap at 65536 and slots at the size', () => {
      const rig = new BackendMachine(new TestModel(), { size: 2 }).start();
      for (let i = 0; i < 65540; i += 1) {
        rig.ring.chain([READ], i % 2);
        rig.queue.notify();
        if (rig.ring.used()?.id !== i % 2) throw new Error(`lost at ${String(i)}`);
      }
      expect(rig.ring.usedIdx).to.equal(4);
      expect(rig.refusals).to.deep.equal([]);
    });

    it('may be full at one notification', () => {
      const model = new TestModel();
      const rig = new BackendMachine(model).start();
      for (let i = 0; i < 8; i += 1) rig.ring.chain([READ], i);
      rig.queue.notify();
      expect(model.served).to.equal(8);
      expect(rig.ring.usedIdx).to.equal(8);
      expect(rig.backend.status).to.equal(LIVE);
    });

    it('follow an indirect table', () => {
      const model = new TestModel((request) => request.complete(new Uint8Array(request.writable).fill(6)));
      const rig = new BackendMachine(model, { size: 2 }).start(VERSION_1 | featureBit(FEATURE.RING_INDIRECT_DESC));
      const pieces = [0x8000, 0x8004, 0x8008].map((address) => ({ address, length: 4 }));
      rig.ring.chain([...pieces, WRITE], 0, 0x7000);
      rig.ring.descriptor(1, { address: 0x7000, length: 64 }, 4);
      rig.ring.offer(1);
      rig.queue.notify();
      expect(model.seen.map((bytes) => bytes.length)).to.deep.equal([12]);
      expect(rig.ring.used()).to.deep.equal({ id: 1, length: 4 });
      expect(rig.guest.memory.getU32(WRITE.address)).to.equal(0x06060606);
    });

    it('serve nothing before DRIVER_OK, when stopped, or when the device needs a reset', () => {
      const model = new TestModel();
      const rig = new BackendMachine(model).negotiate();
      Object.assign(rig.queue, { size: 8, desc: rig.ring.desc, driver: rig.ring.driver, device: rig.ring.device });
      rig.queue.ready = true;
      rig.ring.chain([READ]);
      rig.queue.notify();
      expect(model.seen.length).to.equal(0);
      rig.backend.status = LIVE;
      rig.backend.needsReset();
      rig.queue.notify();
      expect(model.seen.length).to.equal(0);
      rig.backend.status = 0;
      rig.start();
      rig.queue.ready = false;
      rig.queue.notify();
      expect(model.seen.length).to.equal(0);
    });

    it('cannot be made ready before FEATURES_OK', () => {
      const rig = new BackendMachine(new TestModel());
      rig.queue.ready = true;
      expect(rig.queue.ready).to.equal(false);
      expect(rig.refusals).to.deep.equal(['device test0: queue 0 made ready before FEATURES_OK']);
    });

    it('refuse a layout that cannot be, and the device needs a reset', () => {
      const layouts = [
        [{ size: 3 }, 'size 3 is no power of two'],
        [{ size: 0 }, 'size 0 is no power of two'],
        [{ size: 1.5 }, 'size 1.5 is no power of two'],
        [{ size: 16 }, 'size 16 is above 8'],
        [{ desc: 8 }, 'descriptor table at 0x8 is not aligned to 16'],
        [{ driver: 1 }, 'driver area at 0x1 is not aligned to 2'],
        [{ device: 2 }, 'device area at 0x2 is not aligned to 4'],
        [{ desc: (1 << 20) - 16 }, 'descriptor table at 0xffff0 lies outside memory'],
        [{ device: 2 ** 52 }, 'device area at 0x10000000000000 lies outside memory'],
        [{ driver: NaN }, 'driver area at 0xNaN lies outside memory'],
      ] as const;
      for (const [fields, reason] of layouts) {
        const rig = new BackendMachine(new TestModel()).negotiate();
        Object.assign(rig.queue, fields);
        rig.queue.ready = true;
        expect(rig.queue.ready, reason).to.equal(false);
        expect(rig.backend.status, reason).to.equal(FEATURES_DONE | STATUS.DEVICE_NEEDS_RESET);
        expect(rig.refusals[0], reason).to.include(`${reason}; needs a reset`);
      }
    });

    it('of a model must have sizes that are powers of two', () => {
      for (const size of [0, 3, 65536, 1.5]) {
        const model = new TestModel();
        model.sizes = [8, size];
        expect(thrownBy(() => new BackendMachine(model)).message).to.include(`test0: queue size ${String(size)}`);
      }
    });
  });

  describe('interrupt suppression (VIRTIO 1.2 §2.7.7)', () => {
    it('obeys the flag', () => {
      const rig = new BackendMachine(new TestModel()).start();
      rig.ring.noInterrupt = true;
      rig.ring.chain([READ], 0);
      rig.queue.notify();
      expect(rig.interrupts).to.deep.equal([]);
      rig.ring.noInterrupt = false;
      rig.ring.chain([READ], 1);
      rig.queue.notify();
      expect(rig.interrupts).to.deep.equal(['queue 0']);
    });

    it('obeys used_event, and says with avail_event what it has seen', () => {
      const rig = new BackendMachine(new TestModel()).start(VERSION_1 | featureBit(FEATURE.RING_EVENT_IDX));
      rig.ring.usedEvent = 2;
      for (let i = 0; i < 3; i += 1) {
        expect(rig.interrupts.length).to.equal(0);
        rig.ring.chain([READ], i);
        rig.queue.notify();
      }
      expect(rig.interrupts).to.deep.equal(['queue 0']);
      expect(rig.ring.availEvent).to.equal(3);
      rig.ring.chain([READ], 3);
      rig.queue.notify();
      expect(rig.interrupts).to.deep.equal(['queue 0']);
    });
  });
});
