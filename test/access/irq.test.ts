import { expect } from 'chai';
import { Kernel, World, type InterruptTable } from '../../lib';

const interrupts = (): InterruptTable => new Kernel(new World()).irq;

describe('InterruptTable', () => {
  it('delivers a value to the handler of its vector', () => {
    const table = interrupts();
    const got: string[] = [];
    expect(table.request(5, (value) => got.push(`five ${String(value)}`), 'five')).to.equal(0);
    expect(table.request(6, (value) => got.push(`six ${String(value)}`), 'six')).to.equal(0);
    table.deliver(6, 1n);
    table.deliver(5, 2n);
    table.deliver(5, 3n);
    expect(got).to.deep.equal(['six 1', 'five 2', 'five 3']);
    expect(table.list()).to.deep.equal([
      { vector: 5, name: 'five', count: 2 },
      { vector: 6, name: 'six', count: 1 },
    ]);
  });

  it('refuses a vector in use with EBUSY and keeps the first handler', () => {
    const table = interrupts();
    const got: string[] = [];
    table.request(1, () => got.push('first'), 'first');
    expect(table.request(1, () => got.push('second'), 'second')).to.equal(-16);
    table.deliver(1, 0n);
    expect(got).to.deep.equal(['first']);
  });

  it('calls nobody after free; the vector can be had again', () => {
    const table = interrupts();
    const got: string[] = [];
    table.request(1, () => got.push('first'), 'first');
    table.free(1);
    table.free(1);
    table.deliver(1, 0n);
    expect(got).to.deep.equal([]);
    expect(table.spurious).to.equal(1);
    expect(table.request(1, () => got.push('second'), 'second')).to.equal(0);
    expect(table.list()).to.deep.equal([{ vector: 1, name: 'second', count: 0 }]);
  });

  it('keeps a limited number of those that come again and again while it is suspended', () => {
    const table = interrupts();
    const got: bigint[] = [];
    table.request(1, (value) => void got.push(value), 'one');
    table.suspend();
    for (let i = 0; i < 3000; i++) table.deliver(1, 1n);
    table.deliver(1, 2n);
    table.resume();
    expect(got).to.deep.equal([...Array.from({ length: 1000 }, () => 1n), 2n]);
  });

  it('keeps what comes while it is suspended, and delivers it afterwards in order', () => {
    const table = interrupts();
    const got: bigint[] = [];
    table.request(1, (value) => void got.push(value), 'one');
    table.suspend();
    table.deliver(1, 1n);
    table.deliver(2, 2n);
    table.deliver(1, 3n);
    expect(got).to.deep.equal([]);
    expect(table.spurious).to.equal(0);
    table.resume();
    expect(got).to.deep.equal([1n, 3n]);
    expect(table.spurious).to.equal(1);
    table.deliver(1, 4n);
    expect(got).to.deep.equal([1n, 3n, 4n]);
  });

  it('lets a handler free its own vector', () => {
    const table = interrupts();
    let calls = 0;
    table.request(
      1,
      () => {
        calls += 1;
        table.free(1);
      },
      'once',
    );
    table.deliver(1, 0n);
    table.deliver(1, 0n);
    expect(calls).to.equal(1);
    expect(table.spurious).to.equal(1);
  });
});
