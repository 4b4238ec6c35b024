import { expect } from 'chai';
import fc from 'fast-check';
import {
  Kernel,
  Kobject,
  KOBJECT_ACTIONS,
  kobjectAdd,
  kobjectDel,
  kobjectSynthUevent,
  kobjectUevent,
  kobjectUeventEnv,
  Kset,
  ksetRegister,
  UEVENT_BUFFER_SIZE,
  UEVENT_NUM_ENVP,
  UeventEnv,
  World,
  type KsetUeventOps,
  type Uevent,
} from '../../lib';

const UUID = 'fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed';
const ENOMEM = -12;
const EINVAL = -22;

function setUp(ops: KsetUeventOps | null = null) {
  const kernel = new Kernel(new World());
  const events: Uevent[] = [];
  const set = new Kset(kernel, ops);
  ksetRegister(set, 's');
  const kobj = new Kobject(kernel, { name: 't' });
  kobj.kset = set;
  kobjectAdd(kobj, null, 'k');
  kernel.uevents.subscribe((event) => events.push(event));
  return { kernel, set, kobj, events };
}

/** The variables of the only event. */
function only(events: readonly Uevent[]): readonly string[] {
  expect(events.length).to.equal(1);
  return events[0]!.env;
}

describe('uevent', () => {
  it('UE-01 knows eight actions', () => {
    expect(KOBJECT_ACTIONS).to.deep.equal(['add', 'remove', 'change', 'move', 'online', 'offline', 'bind', 'unbind']);
  });

  it('UE-02 the first kset from the object up decides', () => {
    const { kernel, kobj, events } = setUp();
    const below = new Kobject(kernel, { name: 't' });
    kobjectAdd(below, kobj, 'below');
    expect(kobjectUevent(below, 'change')).to.equal(0);
    expect(only(events)).to.include.members(['DEVPATH=/s/k/below', 'SUBSYSTEM=s']);
  });

  it('UE-02 without a kset it is EINVAL', () => {
    const { kernel, events } = setUp();
    const alone = new Kobject(kernel, { name: 't' });
    kobjectAdd(alone, null, 'alone');
    expect(kobjectUevent(alone, 'add')).to.equal(EINVAL);
    expect(events).to.deep.equal([]);
  });

  it('UE-02 what was never named has no path: ENOENT', () => {
    const { kernel, set } = setUp();
    const nameless = new Kobject(kernel, { name: 't' });
    nameless.kset = set;
    expect(kobjectUevent(nameless, 'change')).to.equal(-2);
  });

  it('UE-02 first the suppress flag, then the filter, then the name can drop it, silently', () => {
    const asked: string[] = [];
    const { kobj, events } = setUp({
      filter: () => {
        asked.push('filter');
        return asked.length > 1;
      },
      subsystem: () => {
        asked.push('name');
        return null;
      },
      uevent: () => {
        asked.push('uevent');
        return 0;
      },
    });
    kobj.ueventSuppress = true;
    expect(kobjectUevent(kobj, 'change')).to.equal(0);
    expect(asked).to.deep.equal([]);
    kobj.ueventSuppress = false;
    expect(kobjectUevent(kobj, 'change')).to.equal(0);
    expect(asked).to.deep.equal(['filter']);
    expect(kobjectUevent(kobj, 'change')).to.equal(0);
    expect(asked).to.deep.equal(['filter', 'filter', 'name']);
    expect(events).to.deep.equal([]);
  });

  it("UE-03 ACTION, DEVPATH, SUBSYSTEM, the caller's keys, the kset's keys, SEQNUM last", () => {
    const { kobj, events } = setUp({ subsystem: () => 'sub', uevent: (_, env) => env.add('OWN', 1) });
    kobjectUeventEnv(kobj, 'move', ['A=1', 'B=2']);
    expect(only(events)).to.deep.equal([
      'ACTION=move',
      'DEVPATH=/s/k',
      'SUBSYSTEM=sub',
      'A=1',
      'B=2',
      'OWN=1',
      `SEQNUM=${String(events[0]?.seqnum)}`,
    ]);
  });

  it('UE-04 64 variables fit with SEQNUM, one more is ENOMEM with a warning', () => {
    const { kernel, kobj, events } = setUp();
    const fill = (n: number): string[] => Array.from({ length: n }, (_, i) => `F${String(i)}=`);
    expect(kobjectUeventEnv(kobj, 'change', fill(UEVENT_NUM_ENVP - 4))).to.equal(0);
    expect(only(events).length).to.equal(64);
    expect(kernel.warnings).to.equal(0);
    expect(kobjectUeventEnv(kobj, 'change', fill(UEVENT_NUM_ENVP - 3))).to.equal(ENOMEM);
    expect(kobjectUeventEnv(kobj, 'change', fill(70))).to.equal(ENOMEM);
    expect(events.length).to.equal(1);
    expect(kernel.warnings).to.equal(2);
  });

  it('UE-04 2048 bytes with all endings fit, one more does not', () => {
    const env = new UeventEnv({ warn: () => undefined });
    expect(env.add('A', 'x'.repeat(UEVENT_BUFFER_SIZE - 3))).to.equal(0);
    expect(env.add('B', '')).to.equal(ENOMEM);
    const warned: string[] = [];
    const second = new UeventEnv({ warn: (text) => warned.push(text) });
    expect(second.add('A', 'x'.repeat(UEVENT_BUFFER_SIZE - 2))).to.equal(ENOMEM);
    expect(second.vars).to.deep.equal([]);
    expect(warned).to.deep.equal(['add_uevent_var: buffer size too small']);
    expect(second.add('A', 'é'.repeat(1022))).to.equal(0);
    expect(second.add('B', 'x')).to.equal(ENOMEM);
  });

  it('UE-04 what has room is what can be added, to the byte, with 63 variables and with 64', () => {
    const env = new UeventEnv({ warn: () => undefined });
    env.add('A', 'x'.repeat(1000));
    const left = UEVENT_BUFFER_SIZE - 'A=\0'.length - 1000;
    expect(env.hasRoom(left - 1)).to.equal(true);
    expect(env.hasRoom(left)).to.equal(false);
    expect(env.addVar('x'.repeat(left))).to.equal(ENOMEM);
    expect(env.addVar('x'.repeat(left - 1))).to.equal(0);
    expect(env.hasRoom(0)).to.equal(false);
    const many = new UeventEnv({ warn: () => undefined });
    for (let i = 1; i < UEVENT_NUM_ENVP; i++) many.add(`F${String(i)}`, '');
    expect(many.hasRoom(1)).to.equal(true);
    many.add('F', '');
    expect(many.hasRoom(1)).to.equal(false);
  });

  it('UE-04 an environment serves again when it is cleared', () => {
    const env = new UeventEnv({ warn: () => undefined });
    env.add('A', 'x'.repeat(2000));
    env.add('B', '');
    env.clear();
    expect(env.vars).to.deep.equal([]);
    expect(env.get('A')).to.equal(undefined);
    expect(env.add('C', 'x'.repeat(2000))).to.equal(0);
    expect(env.vars.length).to.equal(1);
  });

  it('UE-03 callbacks of a kset that return nothing let the event pass', () => {
    const nothing = (): never => undefined as never;
    const { kobj, events } = setUp({ filter: nothing, subsystem: () => 'sub', uevent: nothing });
    expect(kobjectUevent(kobj, 'change')).to.equal(0);
    expect(only(events)).to.include('ACTION=change');
  });

  it('UE-05 SEQNUM counts what is really sent, over all objects', () => {
    const { kernel, set, kobj, events } = setUp({ filter: (k) => k.name !== 'quiet' });
    const quiet = new Kobject(kernel, { name: 't' });
    quiet.kset = set;
    kobjectAdd(quiet, null, 'quiet');
    const { seqnum: before } = kernel.uevents;
    for (const target of [kobj, quiet, kobj]) kobjectUevent(target, 'change');
    expect(events.map(({ seqnum }) => seqnum - before)).to.deep.equal([1, 2]);
    expect(kernel.uevents.seqnum - before).to.equal(2);
  });

  it('UE-05 it counts also while nobody listens', () => {
    const kernel = new Kernel(new World());
    const set = new Kset(kernel);
    ksetRegister(set, 's');
    const kobj = new Kobject(kernel, { name: 't' });
    kobj.kset = set;
    kobjectAdd(kobj, null, 'k');
    const { seqnum: before } = kernel.uevents;
    kobjectUevent(kobj, 'add');
    kobjectUevent(kobj, 'change');
    expect(kernel.uevents.seqnum - before).to.equal(2);
  });

  it('UE-06 remove is marked before a filter drops it; add only when it could be sent', async () => {
    let refuse = true;
    const { kobj, events } = setUp({ filter: (k) => !k.stateRemoveUeventSent, uevent: () => (refuse ? -5 : 0) });
    expect(kobjectUevent(kobj, 'add')).to.equal(-5);
    expect(kobj.stateAddUeventSent).to.equal(false);
    refuse = false;
    kobjectUevent(kobj, 'add');
    expect(kobj.stateAddUeventSent).to.equal(true);
    kobjectUevent(kobj, 'remove');
    expect(kobj.stateRemoveUeventSent).to.equal(true);
    await kobjectDel(kobj);
    expect(events.map(({ action }) => action)).to.deep.equal(['add']);
  });

  it('UE-07 unbind loses every MODALIAS, other actions keep it', () => {
    const { kobj, events } = setUp({ uevent: (_, env) => env.add('MODALIAS', 'own') });
    kobjectUeventEnv(kobj, 'unbind', ['MODALIAS=given', 'MODALIASES=x']);
    expect(only(events)).to.deep.equal([
      'ACTION=unbind',
      'DEVPATH=/s/k',
      'SUBSYSTEM=s',
      'MODALIASES=x',
      `SEQNUM=${String(events[0]?.seqnum)}`,
    ]);
    kobjectUevent(kobj, 'bind');
    expect(events[1]?.env).to.include('MODALIAS=own');
  });

  it('a listener that has unsubscribed is not called', () => {
    const { kernel, kobj, events } = setUp();
    let calls = 0;
    const stop = kernel.uevents.subscribe(() => calls++);
    kobjectUevent(kobj, 'change');
    stop();
    kobjectUevent(kobj, 'change');
    expect(calls).to.equal(1);
    expect(events.length).to.equal(2);
  });
});

describe('synthetic uevent', () => {
  function synth(text: string): { result: number; env: readonly string[] } {
    const { kobj, events } = setUp();
    const result = kobjectSynthUevent(kobj, text);
    return { result, env: events[0]?.env.slice(3, -1) ?? [] };
  }

  for (const action of KOBJECT_ACTIONS) {
    it(`UE-12 "${action}" adds SYNTH_UUID=0`, () => {
      expect(synth(action)).to.deep.equal({ result: 0, env: ['SYNTH_UUID=0'] });
    });
  }

  it('UE-12 one newline or NUL at the end does not count', () => {
    expect(synth('add\n')).to.deep.equal({ result: 0, env: ['SYNTH_UUID=0'] });
    expect(synth('add\0')).to.deep.equal({ result: 0, env: ['SYNTH_UUID=0'] });
    expect(synth('add\n\n').result).to.equal(EINVAL);
  });

  it('UE-12 takes a UUID and variables', () => {
    expect(synth(`change ${UUID}`)).to.deep.equal({ result: 0, env: [`SYNTH_UUID=${UUID}`] });
    expect(synth(`change ${UUID} A=1 b2=xY\n`)).to.deep.equal({
      result: 0,
      env: [`SYNTH_UUID=${UUID}`, 'SYNTH_ARG_A=1', 'SYNTH_ARG_b2=xY'],
    });
  });

  for (const text of ['', '\n', 'ad', 'addx', ' add', 'ADD', 'bogus']) {
    it(`UE-12 wrong action ${JSON.stringify(text)}: EINVAL and a line in the log`, () => {
      const { kernel, kobj, events } = setUp();
      expect(kobjectSynthUevent(kobj, text)).to.equal(EINVAL);
      expect(events).to.deep.equal([]);
      expect(kernel.log.entries.at(-1)?.text).to.equal('synth uevent: /s/k: unknown uevent action string');
    });
  }

  for (const text of [
    'add ',
    'add x',
    `add ${UUID.slice(1)}`,
    `add ${UUID}x`,
    `add ${UUID} `,
    `add ${UUID} A`,
    `add ${UUID} A=`,
    `add ${UUID} =1`,
    `add ${UUID} A=1=2`,
    `add ${UUID}  A=1`,
    `add ${UUID} A=1 `,
    `add ${UUID} A_B=1`,
    `add ${UUID} A=a-b`,
    `add ${UUID} Ä=1`,
  ]) {
    it(`UE-12 wrong arguments ${JSON.stringify(text)}: EINVAL and a line in the log`, () => {
      const { kernel, kobj, events } = setUp();
      expect(kobjectSynthUevent(kobj, text)).to.equal(EINVAL);
      expect(events).to.deep.equal([]);
      expect(kernel.log.entries.at(-1)?.text).to.equal('synth uevent: /s/k: incorrect uevent action arguments');
    });
  }

  it('UE-12 says why sending failed', () => {
    const { kernel, kobj } = setUp({ uevent: () => -12 });
    expect(kobjectSynthUevent(kobj, 'add')).to.equal(ENOMEM);
    expect(kernel.log.entries.at(-1)?.text).to.equal('synth uevent: /s/k: failed to send uevent');
  });

  it('UE-12 whatever the text, it ends in an errno, and sends an event only for a well-formed one (property)', () => {
    const piece = fc.constantFrom('add', 'bind', ' ', '\n', '\0', UUID, 'A=1', '=', 'é', '\u{1f600}', 'x'.repeat(300));
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
    );
    const good = new RegExp(`^(${KOBJECT_ACTIONS.join('|')})( ${UUID}( [0-9A-Za-z]+=[0-9A-Za-z]+)*)?[\\n\\0]?$`);
    fc.assert(
      fc.property(text, (given) => {
        const { kobj, events } = setUp();
        const result = kobjectSynthUevent(kobj, given);
        expect([0, EINVAL, ENOMEM]).to.include(result);
        expect(events.length).to.equal(result === 0 ? 1 : 0);
        if (result === 0) expect(given).to.match(good);
        if (good.test(given) && given.length < 200) expect(result).to.equal(0);
      }),
      { numRuns: 300 },
    );
  });
});
