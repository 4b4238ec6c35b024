import { expect } from 'chai';
import fc from 'fast-check';
import { opText, parseOp } from '../../tools/replay/parser';
import type { Refusal } from '../../tools/replay/lab';
import { replay } from '../../tools/replay/run';

/** Results of the ops of a program, without what `reset` adds. */
async function results(...lines: string[]): Promise<string[]> {
  const trace = await replay(lines.map((line) => `${line}\n`).join(''));
  const own = trace.slice(0, trace.lastIndexOf('> reset\n'));
  return own
    .split('\n')
    .filter((line) => line.startsWith('< '))
    .map((line) => line.slice(2));
}

/** What is told of the lab errors of the last line. */
async function reasonsOf(...lines: string[]): Promise<string[]> {
  const refusals: Refusal[] = [];
  await replay([...SETTING, ...lines].join('\n'), { refused: (refusal) => void refusals.push(refusal) });
  return refusals
    .filter(({ line }) => line === SETTING.length + lines.length)
    .map(({ op, error }) => `${op}: ${error.reason}`);
}

async function resultOf(line: string): Promise<string | undefined> {
  return (await results(...SETTING, line)).at(-1);
}

const SETTING = [
  'bus add b1',
  'drv add r1 bus=b1 ids=x',
  'dev add d1 bus=b1 id=x',
  'class add c1',
  'kobj create k1',
  'kset add s1',
];

const MALFORMED = [
  'frob',
  'bus',
  'bus add',
  'bus frob b1',
  'bus add B',
  'bus add 1b',
  `bus add ${'b'.repeat(40)}`,
  'bus add b2 x=1',
  'bus add b2 notify=2',
  'bus add b2 notify=',
  'bus add b2 b3',
  'bus add b2 match=x',
  'bus add b2 uevent=0',
  'bus add b2 uevent=5',
  'bus add b2 dma=x',
  'bus add b2 battrs=a,b,c,d,e,f,g',
  `bus add b2 battrs=${'a'.repeat(31)}`,
  'bus add b2 battrs=a:x',
  'bus add b2 battrs=',
  'bus add b2 battrs=a,',
  `bus add b2 name=${'n'.repeat(60)}`,
  'bus set b1 match=none-cb',
  'bus add b2 notify=1 notify=1',
  'bus add notify=1 b2',
  'bus devs b1 start=X',
  'class add c2 pm=2',
  'class frob c1',
  'type del t1',
  'type add t1 name=x',
  'intf add i1',
  'sif add q1',
  'sif add q1 class=c1',
  'dev add d2 devt=1:1',
  'dev add d2 devt=240',
  'dev add d2 devt=240:256',
  'dev add d2 devt=255:0',
  'dev add d2 norelease=1',
  'dev add d2 driver=r1',
  'dev init d2 bus=b1 driver=r1',
  'dev add d2 bus=B',
  'dev add d2 id=X',
  'dev frob d1',
  'dev set d1 id=',
  'dev move d1',
  'dev move d1 - order=x',
  'dev rename d1',
  `dev rename d1 ${'n'.repeat(60)}`,
  'drv add r2',
  'drv add r2 bus=b1 ids=x,,y',
  'drv add r2 bus=b1 ids=a,b,c,d,e,f,g,h,i',
  'drv add r2 bus=b1 probe=x',
  'drv add r2 bus=b1 probe=4001',
  'drv add r2 bus=b1 probe=-EFOO',
  'drv add r2 bus=b1 probe=0:-1',
  'drv add r2 bus=b1 probe=0:x',
  'drv add r2 bus=b1 probe=defer:',
  'drv add r2 bus=b1 match=none-cb',
  'drv add r2 bus=b1 pm=2',
  'drv r2',
  'drv add r2 r3 bus=b1',
  'hook r1',
  'hook r1 x',
  'hook  r1 probe',
  'hook R probe',
  'link add d1',
  'link add d1 d1 flags=x',
  'link add d1 d1 flags=',
  'link x d1 d1',
  'devres add d1',
  'devres x d1 n',
  'devres add d1 N',
  'uevent d1',
  'uevent d1 frob',
  'uevent d1 add fill=71',
  'uevent d1 add fill=-1',
  'uevent d1 add x',
  'kobj init k2 parent=k1',
  'kobj x k1',
  'kobj uevent k1 frob',
  'kset add s2 filter=2',
  `kset add s2 subsys=${'s'.repeat(30)}`,
  'kset x s1',
  'probing',
  'probing x',
  'probing block x=1',
  'sync',
  'sync x',
  'deferred x',
  'pm x',
  'pm noirq=2',
  'shutdown x',
  'reset x',
  'reset a=1',
  'cat',
  'ls',
  'stat',
  'readlink',
  'write',
  'write /x y',
  'cat /x',
  'cat ../x',
  'cat a b',
  `cat ${'a'.repeat(200)}`,
  'write x \\q',
  'write x \\',
  'ls  x',
  '=x',
  'a=b',
  '\tbus drvs b1',
  Array.from({ length: 29 }, () => 'w').join(' '),
];

describe('the program language', () => {
  for (const line of MALFORMED) {
    it(`lab:syntax for ${JSON.stringify(line.length > 60 ? `${line.slice(0, 60)}...` : line)}`, async () => {
      expect(await resultOf(line)).to.equal('lab:syntax');
      const [reason = '', ...more] = await reasonsOf(line);
      expect(reason.slice(0, line.length)).to.equal(line);
      expect(more).to.deep.equal([]);
      expect(reason.length)
        .to.be.greaterThan(line.length + 10)
        .and.lessThan(line.length + 300);
    });
  }

  for (const [line, result] of [
    ['bus add b1', 'lab:exists'],
    ['dev add d1', 'lab:exists'],
    ['dev add d1 bus=nobus', 'lab:exists'],
    ['kset add s1', 'lab:exists'],
    ['bus del b2', 'lab:unknown'],
    ['dev add d2 bus=b2', 'lab:unknown'],
    ['dev del d9', 'lab:unknown'],
    ['devres rel d1 x', 'lab:unknown'],
    ['dev add d2 bus=nobus class=X', 'lab:unknown'],
    ['bus devs b1 start=d9', 'lab:unknown'],
    ['hook r9 probe x', 'lab:unknown'],
    ['uevent d9 add fill=99', 'lab:unknown'],
    ['dev register d1', 'lab:state'],
    ['dev drvattach d1 r1', '-EBUSY'],
    ['kobj add k1', 'lab:state'],
    ['sync resume', 'lab:state'],
    ['bus del b1', 'lab:busy'],
    ['dev put d1', 'lab:busy'],
    ['dev bind d1 r1', 'lab:busy'],
    ['dev move d1 d1', 'lab:busy'],
    ['dev move d1 - order=after', 'lab:busy'],
    ['write devices/d1/uevent', '0'],
    ['write devices/d1/uevent add', '3'],
    ['cat devices/d1', '-EINVAL'],
    ['write devices/d1 x', '-EISDIR'],
    ['cat bus/b1/uevent', '-EACCES'],
    ['ls devices/none', '-ENOENT'],
    ['ls devices/d1/uevent', '-ENOTDIR'],
    ['readlink devices/d1', '-EINVAL'],
    ['drv set r1 probe=+5', '0'],
    ['dev set d1 probe=-0:+3', '0'],
    ['bus find b1 nothing', '0'],
    ['bus add b2 name=x/y', '0'],
  ] as const) {
    it(`${result} for '${line}'`, async () => {
      expect(await resultOf(line)).to.equal(result);
    });
  }

  for (const [lines, reason] of [
    [['bus ad b2'], 'unknown op "bus ad"; did you mean bus add?'],
    [['bus set b1 match=x'], '"x" is neither an errno like -EIO nor a number within 4000 of 0'],
    [
      ['bus add b2 frob=1'],
      'unknown key "frob"; it has name, match, uevent, dma, battrs, devattrs, drvattrs, ' +
        'notify, probe, remove, shutdown, sync_state, override, offline, pm',
    ],
    [['dev add d2 id='], 'key "id" has no value'],
    [['bus find b1'], 'it takes 4 words before the keys, here are 3'],
    [['dev add 1d'], '"1d" is no handle: a small letter, then up to 38 of a-z, 0-9, _ and -'],
    [
      ['link add d1 d1 flags=managed,x'],
      'unknown flag "x"; there are stateless, autoremove_consumer, autoremove_supplier, ' +
        'autoprobe_consumer, sync_state_only, pm_runtime, rpm_active, managed',
    ],
    [['drv add d1 bus=b1', 'drv add d1 bus=b1'], 'there is a drv d1 already'],
    [['dev del d9'], 'no dev has the handle d9'],
    [['dev remove d1', 'dev rename d1 x'], 'dev d1 is deleted; it must be added'],
    [['bus del b1'], 'dev d1 uses it'],
    [['dev put d1'], 'it is the last reference of dev d1, which is added'],
    [['dev add d2 parent=d1', 'dev move d1 d2'], 'dev d2 is d1, or below it, or depends on it'],
    [['devres rel d1 n'], 'dev d1 has no live action n'],
    [['bus add b2', 'drv add r2 bus=b2', 'dev drvattach d1 r2'], 'drv r2 is on bus b2, the device on bus b1'],
    [['sync resume'], 'sync is not paused'],
    [['write x \\q'], 'unknown escape \\q; there are \\n \\t \\s \\0 \\\\'],
  ] as const) {
    it(`the reason for '${lines.at(-1) ?? ''}'`, async () => {
      expect(await reasonsOf(...lines)).to.deep.equal([`${lines.at(-1) ?? ''}: ${reason}`]);
    });
  }

  it('the reason for an op in a hook names that op', async () => {
    const reasons = await reasonsOf('hook r1 probe bus rescan b1', 'dev reprobe d1');
    expect(reasons).to.deep.equal([
      'bus rescan b1: a hook runs dev add, dev set, dev del, drv set, link add, devres ' + 'and uevent only',
    ]);
  });

  it('lab:limit after 150 objects, failed ones included', async () => {
    const lines = Array.from(
      { length: 151 },
      (_, i) => `kobj create k${String(i)} name=${i % 2 === 0 ? 'same' : `n${String(i)}`}`,
    );
    const all = await results(...lines);
    expect(all.slice(0, 3)).to.deep.equal(['0', '0', '-EEXIST']);
    expect(all.at(-1)).to.equal('lab:limit');
    expect(all.filter((result) => result === 'lab:limit').length).to.equal(1);
    expect((await results(...lines, 'reset', 'kobj create k1')).at(-1)).to.equal('0');
  });

  it('empty lines and comments are no ops; margins do not count', async () => {
    expect(await replay('\n   # x\n  deferred \t\n')).to.equal('> deferred\n< 0\n> reset\n< 0\n');
  });

  it('a last line without its newline is a line, CRLF ends one too', async () => {
    expect(await replay('deferred\r\nbus')).to.equal('> deferred\n< 0\n> bus\n< lab:syntax\n> reset\n< 0\n');
  });

  it('only some ops run in a hook; the others are lab:busy', async () => {
    for (const [op, result] of [
      ['bus rescan b', 'lab:busy'],
      ['cat x', 'lab:busy'],
      ['write', 'lab:busy'],
      ['frob', 'lab:busy'],
      ['reset', 'lab:busy'],
      ['dev attach %', 'lab:busy'],
      ['dev add', 'lab:syntax'],
      ['drv add r2 bus=b', 'lab:busy'],
      ['drv set', 'lab:syntax'],
      ['link remove % %', 'lab:busy'],
      ['link', 'lab:syntax'],
      ['uevent', 'lab:syntax'],
      ['dev set %', '0'],
      ['dev del %', 'lab:busy'],
      ['devres add % x', '0'],
      ['a b c=1 d', 'lab:syntax'],
    ]) {
      const trace = await replay(`bus add b match=1\ndrv add r bus=b\nhook r probe ${String(op)}\ndev add d bus=b\n`);
      expect(trace).to.include(`\n<< ${String(result)}\n`);
    }
  });

  it('a program that would go on for ever is stopped', async () => {
    const trace = await replay(
      'bus add b match=1\ndrv add other bus=b\ndrv add r bus=b probe=-EPROBE_DEFER\n' +
        'hook other probe dev add %x bus=b\ndev add d bus=b\n',
    );
    expect(trace).to.include('hook-limit drv=other dev=dxxxx');
    const deferring = await replay(
      'bus add b match=1\ndrv add r bus=b probe=-EPROBE_DEFER\n' +
        'hook r probe dev add %k bus=b probe=0\nhook r remove dev del %k\ndev add d bus=b\n',
    );
    expect(deferring.split('\n').length).to.be.lessThan(5000);
  });

  describe('properties', () => {
    const word = fc.constantFrom(
      'bus',
      'class',
      'type',
      'dev',
      'drv',
      'intf',
      'sif',
      'kobj',
      'kset',
      'add',
      'del',
      'init',
      'set',
      'hook',
      'probe',
      'link',
      'uevent',
      'write',
      'cat',
      'b1',
      'd1',
      'r1',
      'bus=b1',
      'name=x',
      'ids=x,y',
      'probe=0:1',
      'fill=3',
      'attrs=a:ro',
      '=',
      'x=',
      '=x',
      '\\',
      '\\n',
      '',
      '\t',
      '#',
      '..',
      '/',
      '-1',
      'é',
      '\0',
    );
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(word, { maxLength: 8 }).map((words) => words.join(' ')),
    );

    it('the parser never throws, whatever the text', () => {
      fc.assert(
        fc.property(line, fc.boolean(), (text, inHook) => {
          const op = opText(text);
          if (op !== null) expect(['run', 'reset', 'refused']).to.include(parseOp(op, inHook).kind);
        }),
        { numRuns: 2000 },
      );
    });

    it('a program of any lines runs to its end, each op with one result', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            line.filter((text) => !/[\n\0]/.test(text)),
            { maxLength: 12 },
          ),
          async (lines) => {
            const trace = await replay([...SETTING, ...lines, ''].join('\n'));
            const ops = trace.split('\n').filter((text) => text.startsWith('> '));
            const ends = trace.split('\n').filter((text) => text.startsWith('< '));
            expect(ends.length).to.equal(ops.length);
            expect(trace.endsWith('\n< 0\n')).to.equal(true);
          },
        ),
        { numRuns: 200 },
      );
    });
  });
});
