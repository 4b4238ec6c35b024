import type { VirtioTransport } from '../../../../lib/virtio';
import type { TransportBench } from './bench';
import type { CheckSection, TransportCheck } from './check';
import { CONFIG_BYTES } from './contract-device';
import { ensure, same } from './violation';

/** Behind the configuration of any device, on every transport. */
const FAR = 1 << 20;

const filled = (byte: number): Uint8Array => new Uint8Array(CONFIG_BYTES).fill(byte);

/** Has the device change after each field that is read, from the `nth` on. */
function changeWhileRead(bench: TransportBench, nth: number, always: boolean): void {
  const { dev, transport } = bench;
  let [reads, value] = [0, 0];
  const getConfig: VirtioTransport['getConfig'] = async (offset, length) => {
    const bytes = await transport.getConfig(offset, length);
    reads += 1;
    if (reads === nth || (always && reads > nth)) bench.model.change(filled((value = (value + 1) & 0xff)));
    return bytes;
  };
  const changing = new Proxy(transport, {
    get: (target, name) => {
      if (name === 'getConfig') return getConfig;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
  Object.defineProperty(dev, 'transport', { configurable: true, writable: true, value: changing });
}

const CHECKS: readonly TransportCheck[] = [
  {
    name: 'getConfig reads fields of 1, 2, 4 and 8 bytes, and arrays',
    async run(bench) {
      const { bytes } = bench.model;
      for (const length of [1, 2, 4, 8])
        for (let at = 0; at + length <= CONFIG_BYTES; at += length)
          same(await bench.call((t) => t.getConfig(at, length)), bytes.slice(at, at + length), `offset ${String(at)}`);
      same(await bench.call((t) => t.getConfig(1, 6)), bytes.slice(1, 7), 'an array at 1');
      same(await bench.call((t) => t.getConfig(3, 13)), bytes.slice(3, 16), 'an array at 3');
    },
  },
  {
    name: 'getConfig reads what the configuration is now',
    async run(bench) {
      for (const byte of [0x11, 0x99]) {
        bench.model.change(filled(byte));
        same(await bench.call((t) => t.getConfig(4, 4)), filled(byte).slice(0, 4), 'after a change');
      }
    },
  },
  {
    name: 'setConfig writes the field and nothing beside it',
    async run(bench) {
      for (const length of [1, 2, 4, 8, 5]) {
        bench.model.change(filled(0));
        // A transport may write what it has read last beside the field, as virtio-ccw does.
        await bench.call((t) => t.getConfig(0, CONFIG_BYTES));
        const field = Uint8Array.from({ length }, (_, i) => 0xa0 + i);
        await bench.call((t) => t.setConfig(8, field));
        const expected = filled(0);
        expected.set(field, 8);
        same(bench.model.bytes, expected, `configuration after a write of ${String(length)} bytes`);
        same(await bench.call((t) => t.getConfig(8, length)), field, 'what was written, read again');
      }
    },
  },
  {
    name: 'a configuration beyond its end is refused, or all ones',
    async run(bench) {
      const far = await bench.outcome(() => bench.call((t) => t.getConfig(FAR, 4)));
      same(far, 'EINVAL', 'a read far behind the end');
      const write = await bench.outcome(() => bench.call((t) => t.setConfig(FAR, Uint8Array.of(1))));
      same(write, 'EINVAL', 'a write far behind the end');
      let near: Uint8Array = filled(0xff).slice(0, 4);
      await bench.outcome(async () => {
        near = await bench.call((t) => t.getConfig(CONFIG_BYTES, 4));
      });
      same(near, filled(0xff).slice(0, 4), 'a read at the end');
    },
  },
  {
    name: 'the generation is another one after each change, and only then',
    needs: 'generation',
    async run(bench) {
      const generations = [await bench.call((t) => t.generation())];
      for (let i = 1; i <= 3; i++) {
        bench.model.change(filled(i));
        generations.push(await bench.call((t) => t.generation()));
        await bench.call((t) => t.getConfig(0, 4));
        same(await bench.call((t) => t.generation()), generations[i], 'generation without a change');
      }
      same(new Set(generations).size, generations.length, 'different generations');
    },
  },
  {
    name: 'a configuration that changes while it is read is never half old and half new',
    needs: 'generation',
    async run(bench) {
      for (let nth = 1; nth <= 9; nth++) {
        bench.model.change(filled(0));
        const { transport } = bench;
        changeWhileRead(bench, nth, false);
        const bytes = await bench.in(() => bench.dev.creadBytes(0, 8));
        Object.defineProperty(bench.dev, 'transport', { configurable: true, writable: true, value: transport });
        same(bytes, filled(bytes[0] ?? 0).slice(0, 8), `eight bytes, with a change after read ${String(nth)}`);
      }
    },
  },
  {
    name: 'a number that changes while the transport reads it is never half old and half new',
    async run(bench) {
      bench.model.change(filled(0));
      let looks = 0;
      bench.model.beforeConfig = () => {
        looks += 1;
        if (looks === 2) bench.model.change(filled(0xff));
      };
      const value = await bench.in(() => bench.dev.creadU64(8));
      bench.model.beforeConfig = null;
      ensure(value === 0n || value === 0xffff_ffff_ffff_ffffn, `a number is 0x${value.toString(16)}`);
    },
  },
  {
    name: 'a configuration that never holds still is given up with EIO',
    needs: 'generation',
    async run(bench) {
      const { transport } = bench;
      changeWhileRead(bench, 1, true);
      const outcome = await bench.outcome(() => bench.in(() => bench.dev.creadBytes(0, 2)));
      Object.defineProperty(bench.dev, 'transport', { configurable: true, writable: true, value: transport });
      same(outcome, 'EIO', 'outcome');
    },
  },
  {
    name: 'a change is told to the driver that has queues',
    async run(bench) {
      await bench.load();
      for (const byte of [1, 2]) {
        bench.told.length = 0;
        bench.model.change(filled(byte));
        await bench.world.settle();
        same(bench.told, ['config'], 'callbacks');
        same(await bench.call((t) => t.getConfig(0, 1)), Uint8Array.of(byte), 'configuration then');
      }
    },
  },
  {
    name: 'a change is not told once the driver has left',
    async run(bench) {
      await bench.load();
      await bench.unload();
      bench.told.length = 0;
      bench.model.change(filled(1));
      await bench.world.settle();
      same(bench.told, [], 'callbacks');
    },
  },
];

export const CONFIGURATION: CheckSection = { name: 'configuration', checks: CHECKS };
