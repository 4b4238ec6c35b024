import type { DmaBuffer } from '../../lib/access';
import { ErrnoError } from '../../lib/errno';
import type { BusFixture } from '../../lib/machine';
import {
  featureBit,
  STATUS,
  virtioBus,
  type VirtioDevice,
  type Virtqueue,
  type VirtqueueSpec,
  type VirtioTransport,
} from '../../lib/virtio';

/** A good transport with some of its functions replaced. */
export type Break = (good: VirtioTransport, dev: VirtioDevice) => Partial<VirtioTransport>;

/** An object with some members replaced; all others work on the object itself. */
function instead<T extends object>(good: T, members: Partial<T>): T {
  return new Proxy(good, {
    get(target, name) {
      if (name in members) return (members as Record<string | symbol, unknown>)[name];
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}

/** The bus with each transport broken, before any driver has it. */
export function breaking(fixture: BusFixture, how: Break): BusFixture {
  return {
    ...fixture,
    install(hypervisor, options) {
      const host = fixture.install(hypervisor, options);
      return {
        plug: (model, guest, place) => host.plug(model, guest, place),
        async boot(kernel, guest) {
          const bus = await host.boot(kernel, guest);
          kernel.busOf(virtioBus)?.registerNotifier<VirtioDevice>((event, dev) => {
            if (event !== 'add-device') return;
            const value = instead(dev.transport, how(dev.transport, dev));
            Object.defineProperty(dev, 'transport', { configurable: true, writable: true, value });
          });
          return bus;
        },
      };
    },
  };
}

/** Queues as made by a transport, each with some members replaced. */
function withQueues(change: (vq: Virtqueue) => Partial<Virtqueue>): Break {
  return (good) => ({
    findVqs: async (specs) => (await good.findVqs(specs)).map((vq) => instead(vq, change(vq))),
  });
}

/** Queues whose callbacks are others. */
function withCallbacks(change: (spec: VirtqueueSpec, index: number) => VirtqueueSpec): Break {
  return (good) => ({ findVqs: (specs) => good.findVqs(specs.map(change)) });
}

const reversed = (bytes: Uint8Array): Uint8Array => Uint8Array.from([...bytes].reverse());

/** A device that is gone has no features, or all. */
async function isGone(good: VirtioTransport): Promise<boolean> {
  const features = await good.getFeatures();
  return features === 0n || features === 0xffff_ffff_ffff_ffffn;
}

/** Broken in one way each, with a point of the contract that they do not keep. */
export const BROKEN: Readonly<Record<string, readonly [how: Break, point: RegExp]>> = {
  'swaps the halves of the features': [
    (good) => ({
      async getFeatures() {
        const features = await good.getFeatures();
        return (features >> 32n) | ((features & 0xffff_ffffn) << 32n);
      },
    }),
    /getFeatures has what the device offers/,
  ],
  'says that all features are accepted': [
    (good) => {
      let written = false;
      return {
        finalizeFeatures(features) {
          written = true;
          return good.finalizeFeatures(features);
        },
        getStatus: async () => (await good.getStatus()) | (written ? STATUS.FEATURES_OK : 0),
      };
    },
    /does not stand for a bit that is not offered/,
  ],
  'keeps the features to itself': [() => ({ finalizeFeatures: () => 0 }), /FEATURES_OK stands for every bit/],
  'adds a feature on its own': [
    (good) => ({ finalizeFeatures: (features) => good.finalizeFeatures(features | featureBit(1)) }),
    /FEATURES_OK stands for every bit/,
  ],
  'has numbers of the configuration in the wrong order': [
    (good) => ({ getConfig: async (offset, length) => reversed(await good.getConfig(offset, length)) }),
    /getConfig reads fields/,
  ],
  'remembers the configuration': [
    (good) => {
      const known = new Map<string, Uint8Array>();
      return {
        async getConfig(offset, length) {
          const key = `${String(offset)} ${String(length)}`;
          const bytes = known.get(key) ?? (await good.getConfig(offset, length));
          known.set(key, bytes);
          return bytes;
        },
      };
    },
    /getConfig reads what the configuration is now/,
  ],
  'writes the configuration one byte further': [
    (good) => ({ setConfig: (offset, bytes) => good.setConfig(offset + 1, bytes) }),
    /setConfig writes the field/,
  ],
  'reads beyond the configuration': [
    (good) => ({ getConfig: (at, length) => (at > 4096 ? new Uint8Array(length) : good.getConfig(at, length)) }),
    /beyond its end/,
  ],
  'has one generation for ever': [() => ({ generation: () => 7 }), /the generation is another one after each change/],
  'has a new generation at each look': [
    () => {
      let looks = 0;
      return { generation: () => looks++ };
    },
    /the generation is another one after each change/,
  ],
  'makes the queues that there are, and no more': [
    (good) => ({ findVqs: (specs) => good.findVqs(specs.slice(0, 3)) }),
    /a queue that the device does not have/,
  ],
  'swaps two queues': [
    (good) => ({
      async findVqs(specs) {
        const [first, second, ...more] = await good.findVqs(specs);
        return [second, first, ...more].filter((vq) => vq !== undefined);
      },
    }),
    /findVqs makes the queues in order/,
  ],
  'keeps the queues when they are given up': [() => ({ delVqs: () => undefined }), /made again, many times|delVqs/],
  'keeps a page for each time that it made queues': [
    (good, { kernel }) => ({
      findVqs(specs) {
        kernel.dma?.alloc(4096, 4096, 'forgotten');
        return good.findVqs(specs);
      },
    }),
    /made again, many times/,
  ],
  'loses every second kick': [
    withQueues((vq) => {
      let kicks = 0;
      return { kick: () => (kicks++ % 2 === 0 ? vq.kick() : true) };
    }),
    /every kick is notified/,
  ],
  'notifies before the driver says so': [
    withQueues((vq) => ({
      add(buffers, token) {
        const error = vq.add(buffers, token);
        vq.kick();
        return error;
      },
    })),
    /notified by kick, not before/,
  ],
  'loses every second interrupt': [
    withCallbacks((spec) => {
      let interrupts = 0;
      return {
        name: spec.name,
        callback: (vq) => (interrupts++ % 2 === 0 ? spec.callback?.(vq) : undefined),
      };
    }),
    /every completion is told/,
  ],
  'tells all queues of each completion': [
    (good) => ({
      async findVqs(specs) {
        let all: readonly Virtqueue[] = [];
        const tellAll = (): void => all.forEach((vq, i) => specs[i]?.callback?.(vq));
        all = await good.findVqs(specs.map(({ name }) => ({ name, callback: tellAll })));
        return all;
      },
    }),
    /the callback of a queue comes for its completions, and of no other/,
  ],
  'ignores that no callbacks are wanted': [
    withQueues(() => ({ disableCb: () => undefined })),
    /disableCb stops the callbacks/,
  ],
  'never has callbacks come again': [withQueues(() => ({ enableCb: () => true })), /enableCb/],
  'mixes tokens up': [
    withQueues((vq) => {
      const tokens: unknown[] = [];
      return {
        add(buffers, token) {
          const error = vq.add(buffers, token);
          if (error === 0) tokens.push(token);
          return error;
        },
        getBuf() {
          const got = vq.getBuf();
          return got === undefined ? undefined : { ...got, token: tokens.shift() };
        },
      };
    }),
    /a full queue refuses with ENOSPC/,
  ],
  'gives one byte too few': [
    withQueues((vq) => ({
      getBuf() {
        const got = vq.getBuf();
        return got === undefined ? undefined : { ...got, data: got.data.map((area) => area.subarray(1)) };
      },
    })),
    /requests come to the device by the queue|bytes pass whole/,
  ],
  'does not reset': [() => ({ reset: () => undefined }), /the status after registration|features are forgotten/],
  'says that it is reset, and resets at the next write': [
    (good) => {
      let isDue = false;
      return {
        reset: () => void (isDue = true),
        getStatus: () => (isDue ? 0 : good.getStatus()),
        async setStatus(status) {
          if (isDue) await good.reset();
          isDue = false;
          await good.setStatus(status);
        },
      };
    },
    /a reset with requests in flight/,
  ],
  'writes into memory that it gave back': [
    (good, { kernel }) => {
      let had: readonly DmaBuffer[] = [];
      return {
        delVqs() {
          had = kernel.dma?.list() ?? [];
          return good.delVqs();
        },
        setStatus(status) {
          for (const { address } of had) kernel.port?.memory.write(address, Uint8Array.of(status));
          return good.setStatus(status);
        },
      };
    },
    /never touches the memory that it had/,
  ],
  'hides that the device needs a reset': [
    (good) => ({ getStatus: async () => (await good.getStatus()) & ~STATUS.DEVICE_NEEDS_RESET }),
    /needs a reset, and its driver is told/,
  ],
  'waits for ever once the device is gone': [
    (good, { kernel }) => ({
      async reset() {
        await good.reset();
        if (await isGone(good)) await kernel.world.block('a reset that never ends');
      },
    }),
    /pulled out|succeeds/,
  ],
  'throws when a device is gone': [
    (good) => ({
      async reset() {
        await good.reset();
        if (await isGone(good)) throw new ErrnoError('EIO', { syscall: 'reset' });
      },
    }),
    /succeeds|pulled out/,
  ],
  'throws what is no errno': [
    (good) => ({
      getConfig(offset, length) {
        if (offset > 1024) throw new TypeError('offset');
        return good.getConfig(offset, length);
      },
    }),
    /beyond its end/,
  ],
};
