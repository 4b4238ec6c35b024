import type { Crossing, Port } from '../../../../lib/hypervisor/port';
import type { Virtqueue } from '../../../../lib/virtio';
import { Random } from '../../../../lib/world';
import { VERSION_1, type TransportBench } from './bench';
import type { CheckSection, TransportCheck } from './check';
import { same } from './violation';

/** Different hosts that lie. */
const SEEDS = 6;

const NUMBERS = [0, 1, 2, 7, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, -1, -5, -19, -22, 1.5, NaN, 2 ** 53] as const;

/** A host that tells anything. */
class Liar {
  readonly #random: Random;
  readonly #port: Port;
  readonly #honest: Pick<Port, 'read' | 'hypercall'>;

  constructor(
    readonly bench: TransportBench,
    seed: number,
  ) {
    const { port } = bench.world.guest().guest;
    this.#random = new Random(seed);
    this.#port = port;
    this.#honest = { read: port.read.bind(port), hypercall: port.hypercall.bind(port) };
  }

  /** While it lies, also about what was asked in earnest: half of the answers are right. */
  async during(body: () => Promise<void>): Promise<void> {
    const { read, hypercall } = this.#honest;
    const lying: Pick<Port, 'read' | 'hypercall'> = {
      read: (at, width) => {
        const value = read(at, width);
        return this.#mayLie() ? this.#random.below(2 ** 32) % 2 ** (8 * width) : value;
      },
      hypercall: (nr, args) => {
        const result = hypercall(nr, args);
        if (!this.#mayLie()) return result;
        const values = Array.from({ length: this.#random.below(8) }, () => this.#crossing());
        return { status: this.#random.below(2) === 0 ? 0 : Math.trunc(this.#number()) || 0, values };
      },
    };
    Object.assign(this.#port, lying);
    try {
      await body();
    } finally {
      for (const name of ['read', 'hypercall'] as const) Reflect.deleteProperty(this.#port, name);
    }
  }

  /** Writes anything anywhere that the device may write: rings, data, pages. */
  scribble(): void {
    const { kernel } = this.bench.world;
    for (const { address, size } of kernel.dma?.list() ?? []) {
      for (let i = 0; i < 4; i++)
        kernel.port?.memory.write(address + this.#random.below(size), Uint8Array.of(this.#random.below(256)));
    }
    for (const pages of this.bench.world.guest().guest.pages.values()) {
      for (let i = 0; i < 40; i++) pages.write(this.#random.below(pages.size), Uint8Array.of(this.#random.below(256)));
    }
  }

  #mayLie(): boolean {
    return this.#random.below(2) === 0;
  }

  #number(): number {
    return NUMBERS[this.#random.below(NUMBERS.length)] ?? 0;
  }

  #crossing(): Crossing {
    const kind = this.#random.below(4);
    if (kind === 0) return new Uint8Array(this.#random.below(9));
    return kind === 1 ? BigInt(this.#random.below(2 ** 32)) : this.#number();
  }
}

/** All that a driver does, as far as it comes. */
async function useIt(bench: TransportBench, liar: Liar): Promise<void> {
  const { dev } = bench;
  const attempt = async (body: () => unknown): Promise<void> => void (await bench.outcome(() => body()));
  let vqs: readonly Virtqueue[] = [];
  await bench.in(async () => {
    const { transport } = dev;
    await attempt(() => transport.reset());
    await attempt(() => dev.addStatus(3));
    await attempt(() => transport.getFeatures());
    await attempt(() => transport.finalizeFeatures(VERSION_1));
    await attempt(() => dev.addStatus(8));
    await attempt(async () => (vqs = await dev.findVqs(bench.specs(2))));
    await attempt(() => dev.addStatus(4));
    await attempt(() => dev.creadU64(0));
    await attempt(() => dev.creadBytes(0, 4));
    await attempt(() => transport.setConfig(0, Uint8Array.of(1)));
    for (const vq of vqs) {
      for (let i = 0; i < 3; i++) vq.add({ out: [Uint8Array.of(i)], in: [8] }, i);
      vq.kick();
    }
    liar.scribble();
    for (const { request } of bench.model.takeArrived()) request.complete(Uint8Array.of(1, 2, 3));
    bench.model.change(bench.model.bytes);
    for (const vq of vqs) for (let i = 0; i < 8 && vq.getBuf() !== undefined; i++) vq.enableCb();
    liar.scribble();
    for (const vq of vqs) vq.kick();
  });
}

const CHECKS: readonly TransportCheck[] = [
  {
    name: 'whatever a host answers and writes, each call ends, with a result or an errno, and nothing is kept',
    needs: 'timeout',
    allow: ['warnings'],
    async run(bench) {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const liar = new Liar(bench, seed);
        const { oopsCount } = bench.world.world;
        const { dev } = bench;
        await liar.during(() => useIt(bench, liar));
        await bench.in(() => dev.reset());
        await bench.in(() => dev.delVqs());
        same(bench.world.world.oopsCount, oopsCount, `oopses with host ${String(seed)}`);
        await bench.world.settle();
        await bench.remove();
        await bench.plug();
      }
      await bench.works(await bench.start(VERSION_1, 2));
    },
  },
];

export const HOSTILE: CheckSection = { name: 'a host that lies', apart: true, checks: CHECKS };
