import { expect } from 'chai';
import fc from 'fast-check';
import {
  attrRo,
  attrRw,
  attrWo,
  ErrnoError,
  kobjectDel,
  PAGE_SIZE,
  World,
  type Attribute,
  type Kobject,
} from '../../lib';
import { utf8Encode, utf8Length } from '../../lib/utf8';
import { errorOf } from '../support/errors';
import { objectWith } from './support';

function fileWith(attr: Attribute<Kobject>, world = new World()) {
  const made = objectWith([{ attrs: [attr] }], world);
  const path = `/sys/k/${attr.name}`;
  return {
    ...made,
    path,
    fs: made.kernel.fs,
    open: (access: 'r' | 'w' | 'rw') => made.kernel.sysfs.open(path, access),
  };
}

describe('/sys files', () => {
  it('SY-03 show gives the text; it gets the object', async () => {
    const { fs, path } = fileWith(attrRo('a', (kobj) => `${kobj.name ?? ''}\n`));
    expect(await fs.readFile(path)).to.equal('k\n');
  });

  it('SY-03 a negative number that show returns, or an errno that it throws, is the error of the read', async () => {
    const returning = fileWith(attrRo('a', () => -6));
    expect(await errorOf(() => returning.fs.readFile(returning.path))).to.include({
      code: 'ENXIO',
      syscall: 'read',
      path: '/sys/k/a',
    });
    const throwing = fileWith(
      attrRo('a', () => {
        throw new ErrnoError('EAGAIN');
      }),
    );
    expect(await errorOf(() => throwing.fs.readFile(throwing.path))).to.include({ code: 'EAGAIN' });
  });

  it('SY-03 a page or more is cut to a page less one byte, and warned of', async () => {
    for (const [given, seen, warnings] of [
      [PAGE_SIZE - 1, PAGE_SIZE - 1, 0],
      [PAGE_SIZE, PAGE_SIZE - 1, 1],
      [PAGE_SIZE * 3, PAGE_SIZE - 1, 1],
    ]) {
      const { fs, kernel, path } = fileWith(attrRo('a', () => 'x'.repeat(given ?? 0)));
      expect((await fs.readFile(path)).length).to.equal(seen);
      expect(kernel.warnings).to.equal(warnings);
    }
    const { fs, path } = fileWith(attrRo('a', () => 'é'.repeat(3000)));
    expect((await fs.readFile(path, null)).length).to.equal(4095);
  });

  it('SY-04 store gets all of one write; what it returns is what the write gives', async () => {
    const stored: string[] = [];
    const { open } = fileWith(
      attrWo('a', (_, data) => {
        stored.push(data);
        return data === 'half' ? 2 : undefined;
      }),
    );
    expect(await open('w').write('all of it\n')).to.equal(10);
    expect(await open('w').write('half')).to.equal(2);
    expect(await open('w').write('é')).to.equal(2);
    expect(stored).to.deep.equal(['all of it\n', 'half', 'é']);
  });

  it('SY-04 regression: a store may count characters, whatever they are: write counts bytes', async () => {
    const stored: string[] = [];
    const { fs, open, path } = fileWith(
      attrWo('a', (_, data) => {
        stored.push(data);
        return data.length;
      }),
    );
    for (const [text, bytes] of [
      ['büro\n', 6],
      ['größe 10 €', 14],
      ['😀', 4],
      ['a\0ü', 4],
    ] as const)
      expect(await open('w').write(text)).to.equal(bytes);
    await fs.writeFile(path, 'Büro Süd\n');
    expect(stored).to.deep.equal(['büro\n', 'größe 10 €', '😀', 'a\0ü', 'Büro Süd\n']);
  });

  it('SY-04 what a store leaves comes again, from the character where it stopped', async () => {
    const stored: string[] = [];
    const { fs, path } = fileWith(
      attrWo('a', (_, data) => {
        stored.push(data);
        return 2;
      }),
    );
    await fs.writeFile(path, 'äöüß€');
    await fs.writeFile(path, 'x😀y');
    expect(stored).to.deep.equal(['äöüß€', 'üß€', '€', 'x😀y', 'y']);
  });

  it('SY-04 regression: bytes that are no UTF-8 reach store and come back from show', async () => {
    let value = '';
    const { fs, open, path } = fileWith(
      attrRw(
        'a',
        () => value,
        (_, data) => {
          value = data;
        },
      ),
    );
    const bytes = Uint8Array.of(0x61, 0xff, 0xc3, 0x62, 0xe2, 0x82);
    expect(await open('w').writeBytes(0, bytes)).to.equal(6);
    expect(await fs.readFile(path, null)).to.deep.equal(bytes);
    expect(await fs.readFile(path)).to.equal('a\ufffd\ufffdb\ufffd\ufffd');
  });

  it('SY-04 regression: a page ends where its bytes end, be it in a character', async () => {
    const stored: string[] = [];
    const { fs, path } = fileWith(attrWo('a', (_, data) => void stored.push(data)));
    await fs.writeFile(path, `x${'é'.repeat(3000)}`);
    expect(stored.map((data) => utf8Length(data))).to.deep.equal([4096, 1905]);
    expect(stored.map((data) => data.slice(0, 2))).to.deep.equal(['xé', '\udca9é']);
    expect(stored.join('').startsWith(`x${'é'.repeat(2047)}\udcc3\udca9`)).to.equal(true);
  });

  it(
    'SY-04 the stores of one writeFile get its bytes, all of them and in order, ' +
      'whatever they take at a time (property)',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.uint8Array({ maxLength: 12 }),
          // Each store decodes what is left of a page: little at a time only of little.
          fc.oneof(
            fc.tuple(fc.nat(400), fc.integer({ min: 1, max: 5000 })),
            fc.tuple(fc.nat(9000), fc.integer({ min: 100, max: 5000 })),
          ),
          async (some, [padding, atMost]) => {
            const bytes = Buffer.concat([some, Buffer.alloc(padding, 'é'), some]);
            const stored: Uint8Array[] = [];
            const { fs, path } = fileWith(
              attrWo('a', (_, data) => {
                expect(utf8Length(data)).to.be.at.most(PAGE_SIZE);
                const taken = data.slice(0, atMost);
                const high = /[\ud800-\udbff]$/.test(taken);
                stored.push(utf8Encode(high ? data.slice(0, atMost + 1) : taken));
                return taken.length;
              }),
            );
            await fs.writeFile(path, bytes);
            expect(Buffer.concat(stored).equals(bytes)).to.equal(true);
          },
        ),
        { numRuns: 50 },
      );
    },
  );

  it('SY-04 regression: a store may take thousands of times, as the read of a binary file may give', async () => {
    let taken = 0;
    const { fs, path } = fileWith(attrWo('a', () => ++taken && 1));
    await fs.writeFile(path, 'x'.repeat(2 * PAGE_SIZE));
    expect(taken).to.equal(2 * PAGE_SIZE);
    const size = 2 * PAGE_SIZE;
    const read = (_: unknown, offset: number): Uint8Array => Uint8Array.of(offset);
    const { kernel } = objectWith([{ binAttrs: [{ name: 'b', mode: 0o400, size, read }] }]);
    expect((await kernel.fs.readFile('/sys/k/b', null)).length).to.equal(size);
  });

  it('SY-04 a write of no bytes is 0 without a call', async () => {
    let calls = 0;
    const { open } = fileWith(
      attrWo('a', () => {
        calls++;
      }),
    );
    expect(await open('w').write('')).to.equal(0);
    expect(calls).to.equal(0);
  });

  it('SY-04 one write takes a page at most; writeFile calls store again for the rest', async () => {
    const lengths: number[] = [];
    const { fs, open, path } = fileWith(attrWo('a', (_, data) => void lengths.push(data.length)));
    expect(await open('w').write('x'.repeat(5000))).to.equal(PAGE_SIZE);
    await fs.writeFile(path, 'x'.repeat(5000));
    expect(lengths).to.deep.equal([4096, 4096, 904]);
  });

  it('SY-04 an error of store is the error of the write', async () => {
    const { fs, path } = fileWith(attrWo('a', () => -22));
    expect(await errorOf(() => fs.writeFile(path, 'x'))).to.include({
      code: 'EINVAL',
      errno: -22,
      syscall: 'write',
      path,
    });
  });

  it('SY-05 without show or store it is EIO', async () => {
    const { fs, path } = fileWith({ name: 'a', mode: 0o644 });
    expect(await errorOf(() => fs.readFile(path))).to.include({ code: 'EIO' });
    expect(await errorOf(() => fs.writeFile(path, 'x'))).to.include({ code: 'EIO' });
  });

  it('the mode holds for everybody: EACCES, and nothing is called', async () => {
    const readOnly = fileWith(attrRo('a', () => ''));
    expect(await errorOf(() => readOnly.fs.writeFile(readOnly.path, 'x'))).to.include({
      code: 'EACCES',
      syscall: 'open',
    });
    const writeOnly = fileWith(attrWo('a', () => undefined));
    expect(await errorOf(() => writeOnly.fs.readFile(writeOnly.path))).to.include({ code: 'EACCES', syscall: 'open' });
    expect(() => writeOnly.open('rw')).to.throw(ErrnoError, 'EACCES');
  });

  it('SY-12 removal of a file waits for a running show', async () => {
    const order: string[] = [];
    const { world, fs, dir, path } = fileWith(
      attrRo('a', async () => {
        order.push('show');
        await world.sleep(100);
        order.push('shown');
        return 'text';
      }),
    );
    const reading = fs.readFile(path);
    await world.run(async () => {
      await dir.removeName('a');
      order.push('removed');
    });
    expect(order).to.deep.equal(['show', 'shown', 'removed']);
    expect(await reading).to.equal('text');
  });

  it('SY-12 removal of the object waits for a running store too', async () => {
    const order: string[] = [];
    const { world, fs, kobj, path } = fileWith(
      attrWo('a', async () => {
        await world.sleep(10);
        order.push('stored');
      }),
    );
    const writing = fs.writeFile(path, 'x');
    await world.run(async () => {
      await kobjectDel(kobj);
      order.push('deleted');
    });
    await writing;
    expect(order).to.deep.equal(['stored', 'deleted']);
  });

  it('SY-12 it does not wait for another file of the directory', async () => {
    const slow = attrRo<Kobject>('slow', async () => {
      await world.sleep(100);
      return '';
    });
    const { world, kernel, dir, names } = objectWith([{ attrs: [slow, attrRo('other', () => '')] }]);
    const reading = kernel.fs.readFile('/sys/k/slow');
    expect(world.run(() => dir.removeName('other'))).to.equal(undefined);
    expect(names()).to.deep.equal(['slow']);
    await reading;
  });

  it('SY-12 a file that is still open after removal gives ENODEV', async () => {
    const { kobj, open } = fileWith(
      attrRw(
        'a',
        () => 'x',
        () => undefined,
      ),
    );
    const file = open('rw');
    expect(await file.read()).to.equal('x');
    await kobjectDel(kobj);
    expect(await file.read()).to.equal(-19);
    expect(await file.write('y')).to.equal(-19);
    expect(await file.write('')).to.equal(-19);
  });

  it('SY-12 the same when only the file was removed, and when another came in its place', async () => {
    const { dir, open } = fileWith(attrRo('a', () => 'old'));
    const file = open('r');
    await dir.removeName('a');
    expect(await file.read()).to.equal(-19);
    dir.addFile(attrRo('a', () => 'new'));
    expect(await file.read()).to.equal(-19);
    expect(await open('r').read()).to.equal('new');
  });

  describe('a show that throws what is no errno', () => {
    const error = new Error('broken show');
    const attr = attrRo<Kobject>('a', () => {
      throw error;
    });

    it('is an oops: kept, and the reader gets the thrown value', async () => {
      const { world, fs, path } = fileWith(attr);
      expect(await errorOf(() => fs.readFile(path))).to.equal(error);
      expect(world.oopses.map((oops) => oops.error)).to.deep.equal([error]);
    });

    it("is EFAULT in a world with oops: 'error'", async () => {
      const { world, fs, path } = fileWith(attr, new World({ oops: 'error' }));
      expect(await errorOf(() => fs.readFile(path))).to.include({ code: 'EFAULT' });
      expect(world.oopses.length).to.equal(1);
    });
  });
});
