import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioNet } from '../../drivers/virtio_net';
import { BlockDevice, NetworkDevice, NetworkHub } from '../../lib/hypervisor';
import { fixtureName, Machine, type BusFixture, type MachineGuest } from '../../lib/machine';
import { blockDisks, netDevices } from '../../lib/subsystems';
import type { Clocks } from './figures';

const SECTOR = 512;
/** Requests that are under way at a time, and frames that are sent before the guest is waited for. */
const DEPTH = 32;
const DISK_BYTES = 16 * 1024 * 1024;

/** What is transferred, and in which pieces. */
export interface IoWorkload {
  readonly name: string;
  readonly bytes: number;
  readonly order: 'random' | 'sequential';
  readonly kind: 'block' | 'net';
}

export const IO_WORKLOADS: readonly IoWorkload[] = [
  { name: 'block, 4 KiB random', bytes: 4096, order: 'random', kind: 'block' },
  { name: 'block, 64 KiB sequential', bytes: 65_536, order: 'sequential', kind: 'block' },
  { name: 'net, 1500-byte frames', bytes: 1500, order: 'sequential', kind: 'net' },
];

/** What one request took on a bus, beside a plain copy of the same bytes. */
export interface IoTimes {
  readonly bus: Clocks;
  readonly copy: Clocks;
}

/** One guest with a disk and two network interfaces that share a hub. */
export class IoBenchmark {
  readonly name: string;
  readonly #image = new Uint8Array(DISK_BYTES);
  readonly #into = new Uint8Array(DEPTH * 65_536);
  readonly #guest: MachineGuest;
  readonly #now: () => Clocks;
  #received = 0;
  /** Of numbers that look like chance and are the same each time. */
  #state = 1;

  constructor(fixture: BusFixture, now: () => Clocks) {
    this.name = fixtureName(fixture);
    this.#now = now;
    for (let at = 0; at < DISK_BYTES; at += SECTOR) this.#image.fill(at / SECTOR, at, at + SECTOR);
    const hub = new NetworkHub();
    const models = [
      new BlockDevice({ name: 'disk0', image: this.#image }),
      new NetworkDevice({ name: 'net0', hub, mac: null }),
      new NetworkDevice({ name: 'net1', hub, mac: null }),
    ];
    const conditions = { seed: 1, devices: models.length, policy: 'lowest' } as const;
    this.#guest = new Machine(fixture, conditions, models, 1, { logLimit: 64 }).guest();
  }

  /** Boots with all drivers. */
  async start(): Promise<void> {
    const guest = this.#guest;
    await guest.boot();
    await guest.loadDriver(virtioBlk);
    await guest.loadDriver(virtioNet);
    await guest.loadTransport();
    const onlineWrite = guest.bus.onlineWrite?.bind(guest.bus);
    for (const name of guest.boundNames()) {
      const write = onlineWrite?.(name);
      if (write) await guest.write(write.path, write.text);
    }
    for (const dev of netDevices(guest.kernel)) await dev.open();
    found(netDevices(guest.kernel)[1], 'second network interface').addPack(() => void (this.#received += 1));
    await guest.settle();
  }

  /** Makes so many requests and then copies as many pieces. @throws Error when one of them failed */
  async time(workload: IoWorkload, requests: number): Promise<IoTimes> {
    const positions = Array.from({ length: requests }, (_, i) => this.#position(workload, i));
    const start = this.#now();
    await (workload.kind === 'block' ? this.#read(workload, positions) : this.#send(workload, requests));
    const between = this.#now();
    this.#copy(workload, positions);
    const end = this.#now();
    return { bus: passed(start, between, requests), copy: passed(between, end, requests) };
  }

  /** Where in the image a piece is. */
  #position({ bytes, order }: IoWorkload, index: number): number {
    const pieces = Math.floor(DISK_BYTES / bytes);
    // Numbers that look like chance and are the same each time.
    this.#state = (Math.imul(this.#state, 1_103_515_245) + 12_345) >>> 0;
    return bytes * (order === 'random' ? (this.#state >>> 8) % pieces : index % pieces);
  }

  async #read({ bytes }: IoWorkload, positions: readonly number[]): Promise<void> {
    const disk = found(blockDisks(this.#guest.kernel)[0], 'disk');
    for (let from = 0; from < positions.length; from += DEPTH) {
      const reads = positions.slice(from, from + DEPTH).map((at, i) => {
        const into = this.#into.subarray(i * bytes, (i + 1) * bytes);
        return Promise.resolve(disk.readSectors(at / SECTOR, bytes / SECTOR, into));
      });
      const [first] = await Promise.all(reads);
      if (first?.[0] !== this.#image[positions[from] ?? 0]) throw new Error(`${this.name}: read something else`);
    }
  }

  async #send({ bytes }: IoWorkload, frames: number): Promise<void> {
    const sender = found(netDevices(this.#guest.kernel)[0], 'network interface');
    this.#received = 0;
    for (let sent = 0; sent < frames; sent += DEPTH) {
      for (let i = sent; i < Math.min(frames, sent + DEPTH); i++) sender.transmit(this.#image.subarray(0, bytes));
      await this.#guest.settle();
    }
    if (this.#received !== frames)
      throw new Error(`${this.name}: ${String(this.#received)} of ${String(frames)} frames`);
  }

  /** What a memcpy of the same bytes takes. */
  #copy({ bytes }: IoWorkload, positions: readonly number[]): void {
    for (const [i, at] of positions.entries())
      this.#into.set(this.#image.subarray(at, at + bytes), (i % DEPTH) * bytes);
  }
}

function passed(start: Clocks, end: Clocks, requests: number): Clocks {
  return { wall: (end.wall - start.wall) / requests, cpu: (end.cpu - start.cpu) / requests };
}

function found<T>(one: T | undefined, what: string): T {
  if (one === undefined) throw new Error(`there is no ${what}: the measurement means nothing`);
  return one;
}
