import { expect } from 'chai';
import * as fc from 'fast-check';
import { Device, Kernel, World, type BusType, type DeviceDriver, type Driver } from '../../lib';

class KeyedDevice extends Device {
  constructor(
    kernel: Kernel,
    bus: BusType<KeyedDevice, KeyedDriver>,
    name: string,
    readonly keys: readonly number[],
  ) {
    super(kernel, { name, bus, release: () => undefined });
  }
}

interface KeyedDriver extends DeviceDriver<KeyedDevice> {
  /** Null: it matches every device. */
  readonly table: readonly number[] | null;
}

type Operation =
  | { readonly kind: 'device'; readonly keys: readonly number[] }
  | {
      readonly kind: 'driver';
      readonly table: readonly number[] | null;
      readonly refuses: boolean;
      readonly adds: boolean;
    }
  | { readonly kind: 'unregister device' | 'unregister driver'; readonly which: number }
  | { readonly kind: 'override'; readonly which: number; readonly driver: number };

/** The probes and removes of a run, in order. */
async function play(operations: readonly Operation[], isKeyed: boolean): Promise<string[]> {
  const calls: string[] = [];
  const kernel = new Kernel(new World());
  const bus: BusType<KeyedDevice, KeyedDriver> = {
    name: 'keyed',
    match: (dev, { def }) => {
      if (dev.driverOverride !== null) return dev.driverOverride === def.name;
      return def.table === null || def.table.some((key) => dev.keys.includes(key));
    },
    ...(isKeyed ? { deviceKeys: (dev) => dev.keys, driverKeys: ({ def }) => def.table } : {}),
  };
  await kernel.registerBus(bus);
  const devices: KeyedDevice[] = [];
  const drivers: Driver<KeyedDriver>[] = [];
  let added = 0;
  const addDevice = async (keys: readonly number[]): Promise<void> => {
    const dev = new KeyedDevice(kernel, bus, `dev${String(added++)}`, keys);
    devices.push(dev);
    await dev.add();
  };
  const driver = (op: Extract<Operation, { kind: 'driver' }>, name: string): KeyedDriver => ({
    name,
    bus,
    table: op.table,
    async probe(dev) {
      calls.push(`${name} probes ${String(dev.name)}`);
      if (op.adds && added < 20) await addDevice(dev.keys);
      return op.refuses ? -19 : 0;
    },
    remove: (dev) => void calls.push(`${name} leaves ${String(dev.name)}`),
  });
  for (const [index, op] of operations.entries()) {
    if (op.kind === 'device') await addDevice(op.keys);
    else if (op.kind === 'driver') drivers.push(await kernel.registerDriver(driver(op, `drv${String(index)}`)));
    else if (op.kind === 'override') await devices[op.which]?.setDriverOverride(drivers[op.driver]?.def.name ?? null);
    else if (op.kind === 'unregister device') await devices.splice(op.which, 1)[0]?.unregister();
    else await drivers.splice(op.which, 1)[0]?.unregister();
  }
  return calls;
}

const keys = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant('device' as const), keys }),
  fc.record({
    kind: fc.constant('driver' as const),
    table: fc.option(keys, { freq: 5 }),
    refuses: fc.boolean(),
    adds: fc.boolean(),
  }),
  fc.record({
    kind: fc.constantFrom('unregister device' as const, 'unregister driver' as const),
    which: fc.integer({ min: 0, max: 4 }),
  }),
  fc.record({
    kind: fc.constant('override' as const),
    which: fc.integer({ min: 0, max: 4 }),
    driver: fc.integer({ min: 0, max: 3 }),
  }),
);

describe('a bus whose devices and drivers have keys', () => {
  it('has the same drivers probe the same devices in the same order as one without (property)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 30 }), async (operations) => {
        expect(await play(operations, true)).to.deep.equal(await play(operations, false));
      }),
      { numRuns: 300 },
    );
  });

  it('asks no device that a second driver cannot match', async () => {
    const kernel = new Kernel(new World());
    const asked: string[] = [];
    const bus: BusType<KeyedDevice, KeyedDriver> = {
      name: 'keyed',
      match: (dev, { def }) => {
        asked.push(`${def.name} ${String(dev.name)}`);
        return def.table?.some((key) => dev.keys.includes(key)) ?? true;
      },
      deviceKeys: (dev) => dev.keys,
      driverKeys: ({ def }) => def.table,
    };
    await kernel.registerBus(bus);
    for (const key of [1, 2, 3]) await new KeyedDevice(kernel, bus, `dev${String(key)}`, [key]).add();
    await kernel.registerDriver({ name: 'first', bus, table: [9] });
    expect(asked).to.deep.equal(['first dev1', 'first dev2', 'first dev3']);
    asked.length = 0;
    await kernel.registerDriver({ name: 'second', bus, table: [2] });
    expect(asked).to.deep.equal(['second dev2']);
  });
});
