import { expect } from 'chai';
import { fixtures } from '../../buses';
import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioConsole } from '../../drivers/virtio_console';
import { virtioNet } from '../../drivers/virtio_net';
import { virtioRng } from '../../drivers/virtio_rng';
import type { StyleName } from '../../lib/access/place';
import type { FixtureOptions } from '../../lib/machine/fixture';
import type { VirtioDevice } from '../../lib/virtio';
import {
  blockWorkload,
  consoleWorkload,
  fixtureName,
  Machine,
  netWorkload,
  rngWorkload,
  type BusFixture,
  type Workload,
} from '../../lib/machine';

const STYLES: readonly StyleName[] = ['mmio', 'channel', 'mapped', 'fd'];
const WORKLOADS: readonly Workload[] = [
  blockWorkload(virtioBlk),
  rngWorkload(virtioRng),
  consoleWorkload(virtioConsole),
  netWorkload(virtioNet),
];

/** A machine with two devices, its transport and a driver loaded. */
async function booted(fixture: BusFixture, workload: Workload, access: readonly StyleName[]) {
  const models = [0, 1].map((index) => workload.makeModel(index));
  const machine = new Machine(fixture, { seed: 1, devices: 2, policy: 'lowest', access }, models);
  const guest = machine.guest();
  await guest.boot();
  const atBoot = guest.kernel.dma?.inUse;
  await guest.loadTransport();
  await guest.loadDriver(workload.driver);
  const bound = [...(guest.kernel.busOf(workload.driver.bus)?.devices() ?? [])].filter(({ isBound }) => isBound);
  return { machine, models, guest, bound, atBoot };
}

describe('a virtio device in every style of access', () => {
  for (const fixture of fixtures) {
    for (const style of STYLES) {
      const on = `${fixtureName(fixture)}, ${style}`;

      for (const workload of WORKLOADS) {
        it(`${on}: ${workload.driver.name} is bound and works, and leaves nothing behind`, async () => {
          const { machine, models, guest, bound, atBoot } = await booted(fixture, workload, [style]);
          // at-online binds before a device is claimed.
          for (const name of guest.boundNames()) {
            const write = guest.bus.onlineWrite?.(name) ?? null;
            if (write !== null) await guest.write(write.path, write.text);
          }
          const devices = [...(guest.kernel.busOf(workload.driver.bus)?.devices() ?? [])];
          expect(devices.length, 'virtio devices').to.equal(2);
          expect(bound.length > 0 || devices.some(({ isBound }) => isBound), 'bound').to.equal(true);
          const usable = devices.slice(0, workload.limit?.devices ?? 2);
          for (const dev of usable) expect(await workload.verify(guest, dev, models), dev.name ?? '').to.equal(true);
          await guest.unloadDriver(workload.driver);
          await guest.unloadDriver(guest.bus.transport);
          await guest.leave();
          await machine.settle();
          expect(machine.held, 'claims').to.equal(0);
          expect(guest.kernel.dma?.inUse, 'memory for devices').to.equal(atBoot);
          expect(guest.kernel.log.entries.filter(({ level }) => ['err', 'warn', 'crit'].includes(level))).to.deep.equal(
            [],
          );
          expect(machine.hypervisor.log.entries.filter(({ kind }) => kind === 'error')).to.deep.equal([]);
        });
      }

      it(`${on}: a device that is pulled out leaves no driver, no task and no window`, async () => {
        const { machine, guest } = await booted(fixture, WORKLOADS[0] as Workload, [style]);
        machine.unplugAll();
        await machine.settle();
        await guest.rescan();
        await guest.leave();
        expect(
          [...(guest.kernel.busOf(virtioBlk.bus)?.devices() ?? [])].filter(({ isBound }) => isBound),
        ).to.have.length(0);
        expect(guest.counters().memoryMapped).to.equal(await mappedBefore(fixture, style));
      });
    }
  }
});

describe('the style of access that a guest chooses', () => {
  const styles: readonly (readonly [string, readonly StyleName[], FixtureOptions['accessParam'], string | null])[] = [
    ['the best that it knows', ['fd', 'channel', 'mmio', 'mapped'], 'best', 'mapped'],
    ['the best that is offered', ['fd', 'channel'], 'best', 'channel'],
    ['what a parameter says', ['fd', 'channel', 'mmio', 'mapped'], 'fd', 'fd'],
    ['none, where the parameter says what is not offered', ['mmio', 'mapped'], 'fd', null],
  ];
  for (const fixture of fixtures.filter(({ strategy }) => strategy === null || strategy === 'at-probe')) {
    for (const [what, access, accessParam, expected] of styles) {
      it(`${fixtureName(fixture)}: is ${what}`, async () => {
        const install: BusFixture['install'] = (hv, options) =>
          fixture.install(hv, { ...options, accessParam: accessParam ?? 'best' });
        const workload = WORKLOADS[0] as Workload;
        const model = workload.makeModel(0);
        const conditions = { seed: 1, devices: 1, policy: 'lowest', access } as const;
        const machine = new Machine({ ...fixture, install }, conditions, [model]);
        const guest = machine.guest();
        await guest.boot();
        await guest.loadTransport();
        await guest.loadDriver(workload.driver);
        const [dev] = [...(guest.kernel.busOf(virtioBlk.bus)?.devices() ?? [])] as VirtioDevice[];
        expect(dev === undefined ? null : styleOf(dev)).to.equal(expected);
        expect(machine.held, 'claims').to.equal(expected === null ? 0 : 1);
      });
    }
  }
});

/** By what only one of them has. */
function styleOf({ transport }: VirtioDevice): string {
  return transport.constructor.name.replace('Transport', '').replace('Placed', '').toLowerCase();
}

/** Bytes that the machine itself maps. */
async function mappedBefore(fixture: BusFixture, style: StyleName): Promise<number> {
  const machine = new Machine(fixture, { seed: 1, devices: 2, policy: 'lowest', access: [style] }, []);
  await machine.guest().boot();
  return machine.guest().counters().memoryMapped;
}
