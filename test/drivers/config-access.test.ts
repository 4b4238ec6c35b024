import { expect } from 'chai';
import { ofTree } from '../../buses/of-tree';
import { vpci } from '../../buses/vpci';
import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioConsole } from '../../drivers/virtio_console';
import { virtioNet } from '../../drivers/virtio_net';
import { BlockDevice, ConsoleDevice, NetworkDevice, NetworkHub, type DeviceModel } from '../../lib/hypervisor';
import type { BusFixture } from '../../lib/machine';
import { BLK, CONSOLE, NET, type VirtioDriver } from '../../lib/virtio';
import { world } from '../support/kit';
import { MAC } from '../support/net';
import { VirtioMachine } from '../support/virtio';

interface Subject {
  readonly driver: VirtioDriver;
  readonly model: () => DeviceModel;
  /** What a driver may access at once: offset and width. VIRTIO 1.2 §5.1.4, §5.2.4, §5.3.4 */
  readonly fields: readonly (readonly [number, number])[];
}

const SUBJECTS: readonly Subject[] = [
  {
    driver: virtioNet,
    model: () => new NetworkDevice({ name: 'n', mac: MAC, mtu: 1500, hub: new NetworkHub() }),
    fields: [...[...MAC].map((_, i) => [NET.CONFIG_MAC + i, 1] as const), [NET.CONFIG_STATUS, 2], [NET.CONFIG_MTU, 2]],
  },
  {
    driver: virtioBlk,
    model: () => new BlockDevice({ name: 'b', image: new Uint8Array(1024) }),
    fields: [
      [BLK.CONFIG_CAPACITY, 4],
      [BLK.CONFIG_CAPACITY + 4, 4],
      [BLK.CONFIG_SIZE_MAX, 4],
      [BLK.CONFIG_SEG_MAX, 4],
      [BLK.CONFIG_BLK_SIZE, 4],
    ],
  },
  {
    driver: virtioConsole,
    model: () => new ConsoleDevice({ name: 'c' }),
    fields: [
      [CONSOLE.CONFIG_COLS, 2],
      [CONSOLE.CONFIG_ROWS, 2],
      [CONSOLE.CONFIG_MAX_PORTS, 4],
    ],
  },
];

/** Where in the configuration an access of the first device is; null elsewhere. */
const MEMORY: readonly (readonly [BusFixture, (address: number) => number | null])[] = [
  [ofTree, (address) => (address >= 0x0a00_0100 && address < 0x0a00_0200 ? address - 0x0a00_0100 : null)],
  [vpci, (address) => ((address & 0x3000) === 0x2000 ? address & 0xfff : null)],
];

describe('a field of the configuration is read in one piece, by its width', () => {
  for (const [fixture, offsetOf] of MEMORY) {
    for (const { driver, model, fields } of SUBJECTS) {
      it(`regression: ${driver.name} on ${fixture.bus}`, async () => {
        const machine = world({ bus: fixture, devices: () => [model()] });
        await machine.boot();
        const seen = new Set<string>();
        machine.hypervisor.log.onExit(({ address, width }) => {
          const offset = offsetOf(address);
          if (offset !== null) seen.add(`${String(offset)} ${String(width)}`);
        });
        await machine.load(driver);
        await machine.settle();
        expect(seen.size).to.be.greaterThan(0);
        expect([...seen].filter((access) => !fields.some((field) => field.join(' ') === access))).to.deep.equal([]);
      });
    }
  }

  it('regression: the address of a card is an array of bytes, read again when it changes meanwhile', async () => {
    const machine = new VirtioMachine();
    await machine.kernel.registerDriver(virtioNet);
    const { transport } = await machine.plug(new NetworkDevice({ name: 'n', mac: MAC, hub: new NetworkHub() }));
    const bytes = [0, 1, 2, 3, 4, 5].map((at) => `getConfig ${String(at)} 1`);
    const from = transport.calls.indexOf('generation');
    expect(transport.calls.slice(from, from + 8)).to.deep.equal(['generation', ...bytes, 'generation']);
  });
});
