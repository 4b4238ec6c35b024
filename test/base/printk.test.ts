import { expect } from 'chai';
import { Kernel, World } from '../../lib';
import { KernelLog } from '../../lib/base/printk';
import { utf8Decode, utf8Encode } from '../../lib/utf8';

describe('the log of a kernel', () => {
  it('keeps as many bytes as its buffer has, with a number before each text', () => {
    const log = new KernelLog(new World(), { logBufShift: 12 });
    // 8 bytes of number, 55 of text and one for its end: 64 of 4096.
    const text = (i: number): string => String(i).padEnd(55, '.');
    for (let i = 0; i < 64; i++) log.info(text(i));
    expect(log.firstSeq).to.equal(0);
    expect(log.nextSeq).to.equal(64);
    expect(log.entries.length).to.equal(64);
    log.info(text(64));
    expect(log.firstSeq).to.equal(1);
    expect(log.nextSeq).to.equal(65);
    expect(log.entries.length).to.equal(64);
    expect(log.entries[0]?.text).to.equal(text(1));
    log.info('x'.repeat(55 + 64));
    expect(log.firstSeq).to.equal(3);
    expect(log.entries.length).to.equal(63);
  });

  it('keeps one message for each 32 bytes of its buffer, however short they are', () => {
    const log = new KernelLog(new World(), { logBufShift: 12 });
    for (let i = 0; i < 200; i++) log.info('x');
    expect(log.firstSeq).to.equal(72);
    expect(log.entries.length).to.equal(128);
  });

  it('counts what it lost, by level, and tells who comes too late', () => {
    const log = new KernelLog(new World(), { logBufShift: 12 });
    log.err('first');
    for (let i = 0; i < 128; i++) log.warn('x');
    expect(log.entries.some(({ level }) => level === 'err')).to.equal(false);
    expect(log.count('err')).to.equal(1);
    expect(log.count('warn')).to.equal(128);
    expect(log.count('info')).to.equal(0);
    expect(log.since(127).length).to.equal(2);
    expect(() => log.since(0)).to.throw(RangeError, '1 entries were dropped');
  });

  it('cuts a message at 991 bytes, within a character too', () => {
    const log = new KernelLog(new World());
    log.info('ä'.repeat(600));
    expect(utf8Decode(utf8Encode(log.entries[0]?.text ?? ''))).to.equal(`${'ä'.repeat(495)}\ufffd`);
  });

  it('has 128 KiB unless the kernel was configured otherwise', () => {
    const kernel = new Kernel(new World());
    for (let i = 0; i < 3000; i++) kernel.log.info('y'.repeat(55));
    expect(kernel.log.entries.length).to.equal(2048);
    const small = new Kernel(new World(), { logBufShift: 12, debug: true });
    for (let i = 0; i < 300; i++) small.log.dbg(() => 'z'.repeat(55));
    expect(small.log.entries.length).to.equal(64);
  });

  it('cannot have a size that no kernel has', () => {
    for (const logBufShift of [11, 26, 12.5, NaN]) {
      expect(() => new Kernel(new World(), { logBufShift })).to.throw(RangeError, 'logBufShift is from 12 to 25');
    }
  });
});
