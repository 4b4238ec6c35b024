import { expect } from 'chai';
import {
  allocIrqVectors,
  clearMaster,
  enableDevice,
  freeIrq,
  freeIrqVectors,
  irqVector,
  PCI_IRQ,
  PciFunction,
  requestIrq,
  setMaster,
  type MessageOptions,
  type PciDevice,
} from '../../buses/vpci';
import { errnoName } from '../../lib/errno';
import { plainConfig, PciMachine } from './support';

const NAME = '0000:00:02.0';
const COMMAND = 4;
const INTX_DISABLE = 0x400;
const ANY = PCI_IRQ.MSIX | PCI_IRQ.LEGACY;
const TWO: MessageOptions = { count: 2, cap: 0x50, bar: 1 };

interface Card {
  readonly rig: PciMachine;
  readonly fn: PciFunction;
  readonly dev: PciDevice;
}

/** A card with a pin, and messages if told so; enabled, with bus mastering. */
async function card(messages?: MessageOptions, hasPin = true): Promise<Card> {
  const rig = new PciMachine();
  const pin = hasPin ? rig.complex.allocPin() : 0;
  const fn = rig.plugBytes({ config: plainConfig(), pin, ...(messages === undefined ? {} : { messages }) }, 16);
  await rig.boot();
  const dev = rig.device(NAME);
  enableDevice(dev);
  setMaster(dev);
  return { rig, fn, dev };
}

/** Counts the interrupts of a vector. */
function listen({ dev }: Card, nr = 0): { count: number } {
  const heard = { count: 0 };
  expect(requestIrq(dev, nr, () => void heard.count++, `card-${String(nr)}`)).to.equal(0);
  return heard;
}

/** Lets what was raised arrive. */
const arrive = ({ rig }: Card): Promise<void> => rig.world.advance(1_000_000);

const name = (result: number): string | number => (result < 0 ? errnoName(result) : result);

describe('vpci: vectors of a function', () => {
  it('are its messages, as many as there are between min and max', async () => {
    const { dev } = await card(TWO);
    expect(allocIrqVectors(dev, 1, 8, ANY)).to.equal(2);
    expect([irqVector(dev, 0), irqVector(dev, 1)]).to.deep.equal(dev.msix?.vectors);
    expect(name(irqVector(dev, 2))).to.equal('EINVAL');
    freeIrqVectors(dev);
    expect(allocIrqVectors(dev, 1, 1, ANY)).to.equal(1);
    expect(name(irqVector(dev, 1))).to.equal('EINVAL');
  });

  it('are its pin where there are no messages, or the driver cannot use them', async () => {
    for (const [messages, flags] of [
      [undefined, ANY],
      [TWO, PCI_IRQ.LEGACY],
    ] as const) {
      const { dev } = await card(messages);
      dev.writeConfig(COMMAND, 2, dev.readConfig(COMMAND, 2) | INTX_DISABLE);
      expect(allocIrqVectors(dev, 1, 4, flags)).to.equal(1);
      expect(irqVector(dev, 0)).to.equal(dev.irq);
      expect(name(irqVector(dev, 1))).to.equal('EINVAL');
      expect(dev.readConfig(COMMAND, 2) & INTX_DISABLE).to.equal(0);
    }
  });

  it('are refused', async () => {
    const [none, two] = [await card(undefined, false), await card(TWO)];
    expect(name(allocIrqVectors(none.dev, 1, 1, ANY)), 'neither').to.equal('EINVAL');
    expect(name(allocIrqVectors(none.dev, 1, 1, PCI_IRQ.LEGACY)), 'no pin').to.equal('ENOSPC');
    expect(name(allocIrqVectors(none.dev, 1, 1, PCI_IRQ.MSI)), 'no MSI').to.equal('EINVAL');
    expect(name(allocIrqVectors(two.dev, 3, 4, ANY)), 'too few, and a pin is one').to.equal('ENOSPC');
    expect(name(allocIrqVectors(two.dev, 2, 1, PCI_IRQ.MSIX)), 'max below min').to.equal('ERANGE');
    expect(name(allocIrqVectors(two.dev, 0, 0, PCI_IRQ.MSIX)), 'none wanted').to.equal('EINVAL');
    expect(name(allocIrqVectors(two.dev, 1, 1, 0)), 'no kind').to.equal('ENOSPC');
    expect(two.rig.kernel.warnings).to.equal(0);
    allocIrqVectors(two.dev, 1, 2, ANY);
    expect(name(allocIrqVectors(two.dev, 2, 2, PCI_IRQ.MSIX)), 'twice').to.equal('EINVAL');
    expect(two.rig.kernel.warnings).to.equal(1);
  });

  it('regression: are refused with EINVAL before the device was enabled', async () => {
    const rig = new PciMachine();
    rig.plugBytes({ config: plainConfig(), messages: TWO }, 16);
    await rig.boot();
    const dev = rig.device(NAME);
    expect(name(allocIrqVectors(dev, 1, 2, PCI_IRQ.MSIX))).to.equal('EINVAL');
    enableDevice(dev);
    expect(allocIrqVectors(dev, 1, 2, PCI_IRQ.MSIX)).to.equal(2);
  });

  it('have one handler each, and call none that was given up', async () => {
    const made = await card(TWO);
    allocIrqVectors(made.dev, 2, 2, PCI_IRQ.MSIX);
    const heard = [listen(made, 0), listen(made, 1)];
    expect(name(requestIrq(made.dev, 1, () => undefined, 'again'))).to.equal('EBUSY');
    expect(name(requestIrq(made.dev, 2, () => undefined, 'beyond'))).to.equal('EINVAL');
    freeIrq(made.dev, 0);
    made.fn.sendMessage(0);
    made.fn.sendMessage(1);
    await arrive(made);
    expect(heard).to.deep.equal([{ count: 0 }, { count: 1 }]);
  });

  it('cannot be requested of a function without a pin', async () => {
    const { dev } = await card(undefined, false);
    expect(name(requestIrq(dev, 0, () => undefined, 'card'))).to.equal('EINVAL');
  });
});

describe('vpci: messages of a function', () => {
  it('are lost while the function is no bus master, and while messages are off', async () => {
    const made = await card(TWO);
    made.fn.sendMessage(0);
    allocIrqVectors(made.dev, 1, 2, PCI_IRQ.MSIX);
    const heard = listen(made);
    clearMaster(made.dev);
    made.fn.sendMessage(0);
    setMaster(made.dev);
    await arrive(made);
    expect(heard.count).to.equal(0);
    made.fn.sendMessage(0);
    await arrive(made);
    expect(heard.count).to.equal(1);
  });

  it('wait while all are masked, and are sent once afterwards, whatever width unmasks them', async () => {
    const MASK_ALL = 0x4000;
    for (const width of [2, 4] as const) {
      const made = await card(TWO);
      allocIrqVectors(made.dev, 1, 2, PCI_IRQ.MSIX);
      const heard = listen(made);
      const at = TWO.cap + 4 - width;
      const before = made.dev.readConfig(at, width);
      made.dev.writeConfig(TWO.cap + 2, 2, made.dev.readConfig(TWO.cap + 2, 2) | MASK_ALL);
      made.fn.sendMessage(0);
      made.fn.sendMessage(0);
      await arrive(made);
      expect(heard.count).to.equal(0);
      made.dev.writeConfig(at, width, before);
      await arrive(made);
      expect(heard.count).to.equal(1);
    }
  });

  it('are as many as 2048, each with a place in the table', async () => {
    const made = await card({ count: 2048, cap: 0x50, bar: 1 });
    expect(allocIrqVectors(made.dev, 2048, 2048, PCI_IRQ.MSIX)).to.equal(2048);
    const heard = listen(made, 2047);
    made.fn.sendMessage(2047);
    await arrive(made);
    expect(heard.count).to.equal(1);
    for (const count of [0, 2049, 1.5]) {
      expect(() => new PciFunction({ config: plainConfig(), messages: { count, cap: 0x50, bar: 1 } })).to.throw(
        /EINVAL.*messages/,
      );
    }
  });

  it('stand in front of the capabilities that the function has', async () => {
    const config = plainConfig([
      [6, 2, 0x10],
      [0x34, 1, 0x40],
      [0x40, 1, 9],
    ]);
    const rig = new PciMachine();
    rig.plugBytes({ config, messages: TWO }, 16);
    await rig.boot();
    const dev = rig.device(NAME);
    expect(dev.readConfig(0x34, 1)).to.equal(TWO.cap);
    expect(dev.readConfig(TWO.cap, 2)).to.equal(0x4011);
  });
});

describe('vpci: the pin of a function', () => {
  it('interrupts once until it was deasserted', async () => {
    const made = await card();
    const heard = listen(made);
    made.fn.setPin(true);
    made.fn.setPin(true);
    await arrive(made);
    expect(heard.count).to.equal(1);
    made.fn.setPin(false);
    made.fn.setPin(true);
    await arrive(made);
    expect(heard.count).to.equal(2);
  });

  it('regression: interrupts when it is allowed again, if it is still asserted', async () => {
    for (const stays of [true, false]) {
      const made = await card();
      const heard = listen(made);
      const before = made.dev.readConfig(COMMAND, 2);
      made.dev.writeConfig(COMMAND, 2, before | INTX_DISABLE);
      made.fn.setPin(true);
      await arrive(made);
      expect(heard.count).to.equal(0);
      made.fn.setPin(stays);
      made.dev.writeConfig(COMMAND, 2, before);
      await arrive(made);
      expect(heard.count).to.equal(stays ? 1 : 0);
    }
  });

  it('is silent while messages are on, and after the function was taken out', async () => {
    const made = await card(TWO);
    const heard = listen(made);
    allocIrqVectors(made.dev, 1, 2, PCI_IRQ.MSIX);
    made.fn.setPin(true);
    await arrive(made);
    expect(heard.count).to.equal(0);
    made.rig.complex.unplug(made.fn, { devfn: 16 });
    made.fn.setPin(false);
    made.fn.setPin(true);
    await arrive(made);
    expect(heard.count).to.equal(0);
  });
});
