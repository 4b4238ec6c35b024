import { expect } from 'chai';
import fc from 'fast-check';
import { vbus } from '../../buses/vbus';
import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioNet } from '../../drivers/virtio_net';
import { MAPPED_BYTES, SHARED, SIGNAL } from '../../lib/access/styles/mapped/layout';
import type { GuestMemory } from '../../lib/hypervisor';
import { blockWorkload } from '../../lib/machine';
import { codeOf } from '../support/errors';
import { cable, cardOf, complaints, frame, hostCopied, numberOf, ready, type Card } from './pair-support';

/** What is known of an end. */
interface End {
  card: Card | null;
  /** Its kernel runs. */
  lives: boolean;
  plugged: boolean;
  destroyed: boolean;
  /** The host knows of a driver that works. */
  works: boolean;
  /** All that any of its drivers received. */
  readonly heard: Uint8Array[][];
}

type Cable = Awaited<ReturnType<typeof cable>>;

/** Two ends, and what may happen to each. */
class Life {
  readonly ends: readonly [End, End];
  #number = 0;

  constructor(readonly cable: Cable) {
    this.ends = [this.#end(cable.a), this.#end(cable.b)];
  }

  #end(card: Card): End {
    return { card, lives: true, plugged: true, destroyed: false, works: true, heard: [card.heard] };
  }

  async do(what: string, i: 0 | 1): Promise<void> {
    const { machine, guests } = this.cable;
    const [guest, end] = [guests[i], this.ends[i]];
    if (what === 'settle') await machine.settle();
    else if (what === 'send' && end.card !== null) await codeOf(() => this.#send(end.card));
    else if (what === 'unbind' && end.card !== null) {
      await guest.bindFile('unbind', guest.boundNames()[0] ?? '');
      end.card = null;
      end.works = false;
    } else if (what === 'bind' && end.lives && end.plugged && end.card === null) {
      await guest.bindFile('bind', guest.deviceNames()[0] ?? '');
      await this.#open(i);
    } else if (what === 'die' && end.lives) {
      guest.die();
      end.lives = false;
      end.card = null;
    } else if (what === 'boot' && !end.lives && !end.destroyed) {
      await ready(guest, virtioNet);
      end.lives = true;
      end.works = false;
      if (end.plugged) await this.#open(i);
    } else if (what === 'destroy' && !end.destroyed) {
      if (end.lives) guest.die();
      guest.guest.destroy();
      Object.assign(end, { lives: false, destroyed: true, card: null, works: false });
    } else if (what === 'unplug' && end.plugged) {
      machine.plugged[i]?.unplug();
      await machine.settle();
      Object.assign(end, { plugged: false, card: null, works: false });
    }
  }

  #send(card: Card | null): void {
    this.#number += 1;
    card?.net.transmit(frame(this.#number, 46 + ((this.#number * 97) % 1400)));
  }

  async #open(i: 0 | 1): Promise<void> {
    const end = this.ends[i];
    end.card = await cardOf(this.cable.guests[i]);
    end.works = true;
    end.heard.push(end.card.heard);
  }
}

const RUNS = 40;
const STEPS = ['settle', 'send', 'send', 'send', 'unbind', 'bind', 'bind', 'die', 'boot', 'boot', 'destroy', 'unplug'];

describe('two network cards on one mapped device, at any moment', () => {
  it('live and die in any order: frames come once and in order, and the other end is told', async () => {
    const step = fc.tuple(fc.constantFrom(...STEPS), fc.constantFrom<0 | 1>(0, 1));
    const property = fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const life = new Life(await cable());
      const { machine, guests } = life.cable;
      for (const [what, i] of steps) await life.do(what, i);
      await machine.settle();
      for (const [i, end] of life.ends.entries()) {
        const numbers = end.heard.flat().map(numberOf);
        expect(numbers, 'in order, none twice').to.deep.equal([...new Set(numbers)].sort((a, b) => a - b));
        if (end.card !== null) expect(end.card.net.carrierOk, 'carrier').to.equal(life.ends[1 - i]?.works);
        if (end.lives) expect(guests[i] === undefined ? [] : complaints(guests[i])).to.deep.equal([]);
      }
      expect(hostCopied(machine)).to.equal(0);
      expect(machine.hypervisor.log.errors).to.deep.equal([]);
    });
    await fc.assert(property, { numRuns: RUNS });
  });

  it('break only their queues whatever the other end writes, and work again when bound again', async () => {
    const word = fc.constantFrom(SHARED.HEAD, SHARED.TAIL, SHARED.SENDER_QUIET, SHARED.RECEIVER_QUIET);
    const value = fc.oneof(fc.nat(4096), fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(0, 0xffff_ffff));
    const step = fc.oneof(
      fc.record({ op: fc.constant('word' as const), ring: fc.nat(1), at: word, value }),
      fc.record({ op: fc.constant('bytes' as const), at: fc.nat(2 ** 18), bytes: fc.uint8Array({ maxLength: 64 }) }),
      fc.record({ op: fc.constant('piece' as const), ring: fc.nat(1), length: value }),
      fc.record({ op: fc.constant('signal' as const), what: fc.constantFrom(0, 1, 2, 0xfffe, 0xffff) }),
      fc.record({ op: fc.constant('send' as const) }),
      fc.record({ op: fc.constant('settle' as const) }),
    );
    const disks = blockWorkload(virtioBlk);
    const property = fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const beside = [disks.makeModel(0), disks.makeModel(1)];
      const made = await cable(vbus, undefined, beside);
      const { machine, guests, a, cards } = made;
      await guests[0].loadDriver(virtioBlk);
      const bad = guests[1].guest;
      const [pages] = [...bad.pages.values()] as [GuestMemory];
      const first = MAPPED_BYTES - cards[0].pair.pages.size;
      const ringAt = (ring: number): number => first + (ring * cards[0].pair.pages.size) / 2;
      for (const one of steps) {
        if (one.op === 'word') pages.setU32(ringAt(one.ring) + one.at, one.value);
        else if (one.op === 'bytes') pages.write(first + one.at, one.bytes);
        else if (one.op === 'piece') {
          const head = pages.getU32(ringAt(one.ring) + SHARED.HEAD);
          pages.setU32(ringAt(one.ring) + SHARED.DATA + (head % 2 ** 16), one.length);
          pages.setU32(ringAt(one.ring) + SHARED.HEAD, head + 4 + (one.length % 2000));
        } else if (one.op === 'signal') for (const n of [3, 4]) bad.port.hypercall(SIGNAL.nr, [0x8_0000 + n, one.what]);
        else if (one.op === 'send') await codeOf(() => a.net.transmit(frame(1)));
        else await machine.settle();
      }
      for (const i of [1, 2]) {
        await codeOf(() => a.net.transmit(frame(i)));
        await machine.settle();
      }
      const lines = complaints(guests[0]).filter((text) => !/^(input|output)\.0: the other end /.test(text));
      expect(lines.filter((text) => !text.includes('Unexpected TXQ'))).to.deep.equal([]);
      expect(machine.hypervisor.log.errors).to.deep.equal([]);
      const disk = guests[0].boundDevices().at(-1);
      expect(disk !== undefined && (await disks.verify(guests[0], disk, beside)), 'the disk beside').to.equal(true);
      // At the second time both begin with rings that are whole.
      for (const guest of [...guests, ...guests]) {
        const [name = ''] = guest.boundNames();
        await guest.bindFile('unbind', name);
        await guest.bindFile('bind', name);
      }
      const fresh = [await cardOf(guests[0]), await cardOf(guests[1])] as const;
      await machine.settle();
      for (const [from, to] of [fresh, [fresh[1], fresh[0]] as const]) {
        to.heard.length = 0;
        from.net.transmit(frame(77));
        await machine.settle();
        expect(to.heard.map(numberOf)).to.deep.equal([77]);
      }
    });
    await fc.assert(property, { numRuns: RUNS });
  });
});
