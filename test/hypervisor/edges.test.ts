import { expect } from 'chai';
import { Kernel } from '../../lib';
import { ioOr } from '../../lib/access';
import { ErrnoError } from '../../lib/errno';
import { formatEntry, Hypervisor } from '../../lib/hypervisor';
import { World } from '../../lib/world';

const nothing = { read: () => 0, write: () => undefined };

describe('the hypervisor: the ends of what it keeps', () => {
  it('device memory begins at the end of RAM, not below, and mappings may touch', () => {
    const hv = new Hypervisor(new World());
    const guest = hv.createGuest({ memory: 1 << 20 });
    expect(() => hv.mapMmio(guest, (1 << 20) - 1, 16, nothing))
      .to.throw(ErrnoError)
      .with.property('code', 'EBUSY');
    hv.mapMmio(guest, 1 << 20, 16, nothing);
    hv.mapMmio(guest, (1 << 20) + 16, 16, nothing);
    expect(() => hv.mapMmio(guest, (1 << 20) + 15, 2, nothing))
      .to.throw(ErrnoError)
      .with.property('code', 'EBUSY');
    expect(guest.port.counters().memoryMapped).to.equal(32);
  });

  it('a line of the log shows 16 bytes, and of more how many there are', () => {
    const hv = new Hypervisor(new World());
    const guest = hv.createGuest();
    hv.defineHypercall({ nr: 1, name: 'take', call: () => ({ status: 0, values: [] }) });
    for (const length of [16, 17]) guest.port.hypercall(1, [new Uint8Array(length)]);
    const zeros = Array.from({ length: 16 }, () => '00').join(' ');
    expect(hv.log.calls().map((entry) => formatEntry(entry).split('take')[1])).to.deep.equal([
      `(<${zeros}>) = 0`,
      `(<${zeros} ... 17 bytes>) = 0`,
    ]);
  });

  it('a guest without an interrupt entry does not listen', () => {
    const guest = new Hypervisor(new World()).createGuest();
    expect(guest.listens).to.equal(false);
    guest.port.connect(() => undefined);
    expect(guest.listens).to.equal(true);
    guest.unplugPort();
    expect(guest.listens).to.equal(false);
  });
});

describe('interrupts that come while they may not', () => {
  it("are kept in order with their values, told once, and those of who has left are nobody's", () => {
    const irq = new Kernel(new World()).irq;
    const told: string[] = [];
    for (const vector of [1, 2, 3])
      irq.request(vector, (value) => void told.push(`${String(vector)}:${String(value)}`), 'test');
    irq.suspend();
    for (const vector of [3, 1, 3, 2]) irq.deliver(vector, BigInt(10 * vector));
    irq.free(2);
    expect(told).to.deep.equal([]);
    expect(irq.list().map(({ count }) => count)).to.deep.equal([0, 0]);
    irq.resume();
    expect(told).to.deep.equal(['3:30', '1:10', '3:30']);
    expect(irq.spurious).to.equal(1);
    irq.resume();
    irq.deliver(1, 0n);
    expect(told.length).to.equal(4);
    expect(irq.list().map(({ count }) => count)).to.deep.equal([2, 2]);
  });

  it('one that comes while another is served is served as well, and one that is suspended meanwhile waits', () => {
    const irq = new Kernel(new World()).irq;
    const told: number[] = [];
    irq.request(
      1,
      () => {
        told.push(1);
        irq.deliver(2, 0n);
        irq.suspend();
        irq.deliver(2, 0n);
      },
      'first',
    );
    irq.request(2, () => void told.push(2), 'second');
    irq.deliver(1, 0n);
    expect(told).to.deep.equal([1, 2]);
    irq.resume();
    expect(told).to.deep.equal([1, 2, 2]);
  });
});

describe('ioOr', () => {
  it('takes a refusal as silence, and nothing else', () => {
    const throws = (error: Error) => (): number => {
      throw error;
    };
    expect(ioOr(7, throws(new ErrnoError('ENXIO', { syscall: 'read', path: 'x' })))).to.equal(7);
    expect(() => ioOr(7, throws(new TypeError('a defect')))).to.throw(TypeError, 'a defect');
    expect(ioOr(7, () => 0)).to.equal(0);
  });
});
