import { expect } from 'chai';
import { COMMAND, EVENT, MAX_COMPLETIONS } from '../../buses/ps3-handle/layout';
import { errno } from '../../lib/errno';
import { STATUS } from '../../lib/virtio/spec';
import { HeldDevice } from '../support/held-device';
import { Caller, LIVE, Ps3Machine } from './support';

/** A device with one queue whose requests the test completes, opened by a guest that counts interrupts. */
function machine(size = 8) {
  const rig = new Ps3Machine();
  const model = new HeldDevice([size]);
  rig.plug(model);
  const g1 = new Caller(rig.guest('g1', 1 << 16));
  const state = { handle: g1.alloc(model.deviceId), interrupts: 0 };
  g1.guest.port.connect(() => (state.interrupts += 1));
  const command = (code: number, ...args: (number | bigint)[]) => g1.command(state.handle, code, ...args);
  const submit = (cookie: number, areas = 1): number =>
    command(COMMAND.SUBMIT, 0, cookie, 0, ...Array.from({ length: areas }, () => [0x2000, 1]).flat()).status;
  const soon = (): Promise<void> => rig.world.advance(1_000_000);
  return { rig, model, g1, state, command, submit, soon };
}

type Machine = ReturnType<typeof machine>;

const ENDS: readonly (readonly [string, (machine: Machine) => void])[] = [
  ['reset', ({ command }) => void command(COMMAND.SET_STATUS, 0)],
  [
    'given back and had again',
    ({ g1, state, model }) => {
      g1.free(state.handle);
      state.handle = g1.alloc(model.deviceId);
    },
  ],
];

describe('a ps3-handle device that was', () => {
  for (const [how, end] of ENDS) {
    it(`${how} tells nothing of before`, async () => {
      const made = machine();
      const { model, g1, state, command, submit, soon } = made;
      g1.start(state.handle);
      for (const cookie of [1, 2]) submit(cookie);
      model.complete();
      model.host?.configChanged();
      await soon();
      expect(state.interrupts).to.equal(1);
      end(made);
      g1.start(state.handle);
      expect(command(COMMAND.COMPLETIONS).values).to.deep.equal([0]);
    });

    it(`${how} interrupts again, though nobody answered the interrupt before`, async () => {
      const made = machine();
      const { model, g1, state, submit, soon } = made;
      g1.start(state.handle);
      submit(1);
      model.complete();
      await soon();
      end(made);
      g1.start(state.handle);
      submit(2);
      model.complete();
      await soon();
      expect(state.interrupts).to.equal(2);
    });

    it(`${how} has its whole queue free`, () => {
      const made = machine();
      const { g1, state, submit } = made;
      g1.start(state.handle);
      expect(submit(1, 8)).to.equal(0);
      expect(submit(2)).to.equal(-errno.ENOSPC);
      end(made);
      g1.start(state.handle);
      expect(submit(1, 8)).to.equal(0);
      expect(submit(2)).to.equal(-errno.ENOSPC);
    });

    it(`${how} has agreed on no feature`, () => {
      const made = machine();
      const { g1, state, command } = made;
      g1.start(state.handle);
      end(made);
      for (const status of [1, 3, 11]) command(COMMAND.SET_STATUS, status);
      expect(command(COMMAND.GET_STATUS).values).to.deep.equal([3]);
    });
  }

  it('reset needs no reset any more', () => {
    const { g1, model, state, command } = machine();
    g1.start(state.handle);
    model.handle = () => {
      throw new Error('boom');
    };
    command(COMMAND.SUBMIT, 0, 1, 0, 0x2000, 1);
    expect(command(COMMAND.GET_STATUS).values).to.deep.equal([LIVE | STATUS.DEVICE_NEEDS_RESET]);
    command(COMMAND.SET_STATUS, LIVE | STATUS.FAILED);
    expect(command(COMMAND.GET_STATUS).values).to.deep.equal([LIVE | STATUS.FAILED | STATUS.DEVICE_NEEDS_RESET]);
    command(COMMAND.SET_STATUS, 0);
    expect(command(COMMAND.GET_STATUS).values).to.deep.equal([0]);
  });
});

describe('a ps3-handle device', () => {
  for (const [count, first, rest] of [
    [MAX_COMPLETIONS, 0, []],
    [MAX_COMPLETIONS + 1, EVENT.MORE, [MAX_COMPLETIONS]],
  ] as const) {
    it(`tells ${String(count)} completions in as few calls as hold them`, async () => {
      const { model, g1, state, command, submit, soon } = machine(128);
      g1.start(state.handle);
      for (let cookie = 0; cookie < count; cookie += 1) submit(cookie);
      while (model.held.length > 0) model.complete();
      await soon();
      const cookies = (values: readonly unknown[]): number[] =>
        values
          .slice(1)
          .filter((_, i) => i % 3 === 1)
          .map(Number);
      const { values } = command(COMMAND.COMPLETIONS);
      expect(values[0]).to.equal(first);
      expect(cookies(values)).to.deep.equal(Array.from({ length: MAX_COMPLETIONS }, (_, i) => i));
      const after = command(COMMAND.COMPLETIONS).values;
      expect(after[0]).to.equal(0);
      expect(cookies(after)).to.deep.equal(rest);
      expect(state.interrupts).to.equal(1);
    });
  }

  it('does not interrupt for what comes while the guest is told that there is more, and tells it', async () => {
    const { model, g1, state, command, submit, soon } = machine(128);
    g1.start(state.handle);
    for (let cookie = 0; cookie <= MAX_COMPLETIONS + 1; cookie += 1) submit(cookie);
    for (let i = 0; i <= MAX_COMPLETIONS; i += 1) model.complete();
    await soon();
    command(COMMAND.COMPLETIONS);
    model.complete();
    await soon();
    expect(state.interrupts).to.equal(1);
    expect(command(COMMAND.COMPLETIONS).values).to.deep.equal([0, 0, MAX_COMPLETIONS, 0, 0, MAX_COMPLETIONS + 1, 0]);
  });

  it('gives places back when a request is done, and takes what ends with memory', () => {
    const { model, g1, state, command, submit } = machine();
    g1.start(state.handle);
    expect(submit(1, 3)).to.equal(0);
    expect(submit(2, 5)).to.equal(0);
    expect(submit(3)).to.equal(-errno.ENOSPC);
    model.complete();
    expect(submit(3, 4)).to.equal(-errno.ENOSPC);
    expect(submit(3, 3)).to.equal(0);
    model.complete();
    expect(command(COMMAND.SUBMIT, 0, 4, 0, 0xff00, 0x100).status).to.equal(0);
    model.complete();
    expect(command(COMMAND.SUBMIT, 0, 5, 1, 0xff00, 0x101).status).to.equal(-errno.EFAULT);
  });

  it('writes no more than the areas hold, and nothing behind what there is', () => {
    const { model, g1, state, command } = machine();
    g1.start(state.handle);
    g1.guest.memory.write(0x3000, new Uint8Array(16).fill(0xee));
    command(COMMAND.SUBMIT, 0, 1, 0, 0x3000, 2, 0x3004, 4, 0x300a, 2);
    model.complete(Uint8Array.of(1, 2, 3, 4));
    const e = 0xee;
    expect([...g1.guest.memory.read(0x3000, 12)]).to.deep.equal([1, 2, e, e, 3, 4, e, e, e, e, e, e]);
    expect(command(COMMAND.COMPLETIONS).values).to.deep.equal([0, 0, 1, 4]);
  });

  it('tells of a changed configuration from DRIVER_OK on, and counts each change', async () => {
    const { model, g1, state, command, soon } = machine();
    const generation = (): unknown => command(COMMAND.GET_CONFIG, 0, 0, 0).values[0];
    model.host?.configChanged();
    g1.start(state.handle);
    await soon();
    expect(state.interrupts).to.equal(0);
    expect(generation()).to.equal(1);
    expect(command(COMMAND.COMPLETIONS).values).to.deep.equal([0]);
    model.host?.configChanged();
    model.host?.configChanged();
    await soon();
    expect(state.interrupts).to.equal(1);
    expect(generation()).to.equal(3);
    expect(command(COMMAND.COMPLETIONS).values).to.deep.equal([EVENT.CONFIG]);
    expect(command(COMMAND.COMPLETIONS).values).to.deep.equal([0]);
  });

  it('takes features once they were not confirmed, and refuses them later', () => {
    const { command } = machine();
    for (const status of [1, 3]) command(COMMAND.SET_STATUS, status);
    expect(command(COMMAND.SET_FEATURES, 1n << 32n).status).to.equal(0);
    command(COMMAND.SET_STATUS, 11);
    expect(command(COMMAND.SET_FEATURES, 0n).status).to.equal(-errno.EINVAL);
    expect(command(COMMAND.GET_STATUS).values).to.deep.equal([11]);
  });
});
