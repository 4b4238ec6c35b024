import { expect } from 'chai';
import { vpci, type VpciHost } from '../../../buses/vpci';
import { fault, world, type KitWorld } from '../../support/kit';
import { alarmCard } from './alarm-card';
import { alarmDriver } from './alarm';

const PLACE = { devfn: 2 * 8 };
const DIR = '/sys/bus/pci/devices/0000:00:02.0';
const MS = 1_000_000;

interface Machine {
  readonly made: KitWorld<typeof vpci>;
  readonly complex: ReturnType<VpciHost['complexOf']>;
  readonly card: ReturnType<typeof alarmCard>;
}

async function booted(kind: 'messages' | 'pin'): Promise<Machine> {
  const made = world({ bus: vpci });
  const complex = made.host.complexOf(made.guest().guest);
  const messages = { count: 1, cap: 0x40, bar: 1 };
  const card = alarmCard(made.world, kind === 'pin' ? { pin: complex.allocPin() } : { messages });
  complex.plug(card, PLACE);
  await made.boot();
  return { made, complex, card };
}

describe('the alarm driver', () => {
  for (const kind of ['messages', 'pin'] as const) {
    it(`counts every alarm (${kind})`, async () => {
      const { made } = await booted(kind);
      await made.load(alarmDriver);
      for (const count of ['1\n', '2\n']) {
        await made.fs.writeFile(`${DIR}/alarm`, '500');
        await made.world.advance(MS);
        expect(await made.fs.readFile(`${DIR}/rung`)).to.equal(count);
      }
      const [action] = made.kernel.irq.list().filter(({ name }) => name === 'alarm');
      expect(action).to.include({ count: 2 });
      const vectors = kind === 'pin' ? [] : [String(action?.vector)];
      expect(await made.fs.readdir(`${DIR}/msi_irqs`).catch(() => [])).to.deep.equal(vectors);
    });

    it(`leaves a card that interrupts nobody (${kind})`, async () => {
      const { made } = await booted(kind);
      await made.load(alarmDriver);
      await made.fs.writeFile(`${DIR}/alarm`, '500');
      await made.fs.writeFile('/sys/bus/pci/drivers/alarm/unbind', '0000:00:02.0');
      await made.world.advance(MS);
      expect(made.kernel.irq.list().map(({ name }) => name)).to.not.include('alarm');
      expect(made.kernel.irq.spurious).to.equal(0);
      expect(await made.fs.readFile(`${DIR}/enable`)).to.equal('0\n');
    });

    it(`does not count an interrupt of a card that was pulled out meanwhile (${kind})`, async () => {
      const { made, complex, card } = await booted(kind);
      await made.load(alarmDriver);
      await made.fs.writeFile(`${DIR}/alarm`, '500');
      await made.world.advance(MS / 2);
      complex.unplug(card, PLACE);
      await made.world.advance(MS);
      expect(made.bound(alarmDriver)).to.deep.equal([]);
      expect(made.kernel.irq.list().map(({ name }) => name)).to.not.include('alarm');
    });
  }

  it('gives back what it took when the core refuses its files', async () => {
    const { made } = await booted('messages');
    const before = made.kernel.irq.list();
    made.inject(fault('device_add_groups', 'EEXIST'));
    await made.load(alarmDriver);
    expect(made.bound(alarmDriver)).to.deep.equal([]);
    expect(made.kernel.irq.list()).to.deep.equal(before);
    expect(await made.fs.readFile(`${DIR}/enable`)).to.equal('0\n');
  });
});
