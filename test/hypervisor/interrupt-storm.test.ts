import { expect } from 'chai';
import { Hypervisor, World } from '../../lib';

function rig() {
  const world = new World({ maxTurns: 1_000_000 });
  const hv = new Hypervisor(world);
  const guest = hv.createGuest();
  const heard: string[] = [];
  return { world, hv, guest, heard };
}

describe('interrupts', () => {
  it('regression: raised without end by a host are a limited number, and then one', async () => {
    const { world, guest, heard } = rig();
    guest.port.connect((vector, value) => void heard.push(`${String(vector)} ${String(value)}`));
    for (let i = 0; i < 30_000; i++) guest.interrupt(5, 1n);
    guest.interrupt(5, 2n);
    await world.advance(10_000);
    expect(heard.length).to.equal(10_001);
    expect(heard.at(-1)).to.equal('5 2');
    await world.advance(200_000_000);
    expect(heard.slice(10_001)).to.deep.equal(['5 1']);
  });

  it('that say the same are two: a place where one device left and another came', async () => {
    const { world, guest, heard } = rig();
    guest.port.connect((vector, value) => void heard.push(`${String(vector)} ${String(value)}`));
    guest.interrupt(5, 1n);
    guest.interrupt(5, 1n);
    await world.advance(10_000);
    expect(heard).to.deep.equal(['5 1', '5 1']);
  });

  it(
    'that never end, because serving one takes longer than the next to come, are ' + 'throttled: the world is idle',
    async () => {
      const { world, hv, guest, heard } = rig();
      guest.port.connect((vector) => {
        heard.push(String(vector));
        guest.interrupt(vector);
        world.consume(5000);
      });
      guest.interrupt(7);
      await world.advance(10_000);
      const inOneGo = heard.length;
      expect(inOneGo).to.be.within(10_000, 10_001);
      const said = hv.log.entries.map(({ kind, message }) => `${kind}: ${message ?? ''}`);
      expect(said).to.deep.equal([
        'warning: vector 7, value 0: 10000 interrupts without a pause; the next one comes 100 ms later',
      ]);
      await world.advance(99_000_000);
      expect(heard.length).to.equal(inOneGo);
      await world.advance(2_000_000);
      expect(heard.length).to.be.greaterThan(inOneGo);
    },
  );

  it('of others are delivered meanwhile', async () => {
    const { world, guest, heard } = rig();
    guest.port.connect((vector) => {
      if (vector === 8) heard.push('eight');
      else guest.interrupt(vector);
      world.consume(5000);
    });
    guest.interrupt(7);
    await world.advance(10_000);
    guest.interrupt(8);
    await world.advance(10_000);
    expect(heard).to.deep.equal(['eight']);
  });

  it('that come with time between them are never throttled', async () => {
    const { world, hv, guest } = rig();
    let count = 0;
    guest.port.connect(() => {
      count += 1;
      if (count < 25_000) guest.interrupt(7);
    });
    guest.interrupt(7);
    await world.advance(60_000_000);
    expect(count).to.equal(25_000);
    expect(hv.log.entries).to.deep.equal([]);
  });
});
