import { expect } from 'chai';
import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioConsole } from '../../drivers/virtio_console';
import { virtioNet } from '../../drivers/virtio_net';
import { virtioRng } from '../../drivers/virtio_rng';
import type { Device } from '../../lib/base/device';
import { ErrnoError } from '../../lib/errno';
import {
  blockWorkload,
  consoleWorkload,
  netWorkload,
  rngWorkload,
  type BusFixture,
  type Workload,
} from '../../lib/machine';
import { hwrng } from '../../lib/subsystems';
import { fault, knownSteps, world, type KitWorld } from '../support/kit';

/** Every driver, with devices for it and a way to use them. */
export const WORKLOADS: readonly (() => Workload)[] = [
  () => blockWorkload(virtioBlk),
  () => netWorkload(virtioNet),
  () => consoleWorkload(virtioConsole),
  () => rngWorkload(virtioRng),
];

/** A failure that was put in. */
export interface Armed {
  readonly happened: boolean;
  remove(): void;
}

/** Something that fails; from which call on is counted from 1. */
export interface Failing {
  readonly name: string;
  arm(w: KitWorld, nth: number): Armed;
}

/** All that can fail on this bus: steps of ladders, operations of the transport, hypercalls, memory, registers. */
export function failings(bus: BusFixture): readonly Failing[] {
  const steps = knownSteps().filter((name) => !name.startsWith('device_add'));
  const hypercalls = world({ bus }).hypervisor.hypercalls.map(({ name }) => `hypercall: ${name}`);
  return [...steps, ...hypercalls].map((name) => ({ name, arm: (w, nth) => w.inject(fault(name, 'EIO', { nth })) }));
}

/** From now on nobody answers: registers read as all ones. */
export function spoilReads({ kernel }: KitWorld): Armed {
  const { port } = kernel;
  if (port === null) throw new Error('no port');
  const armed = { happened: false, remove: () => void Reflect.deleteProperty(port, 'read') };
  port.read = (_address, width) => {
    armed.happened = true;
    return 2 ** (8 * width) - 1;
  };
  return armed;
}

/** What devices and drivers hold of a machine; equal before and after all of it. */
export function heldBy(w: KitWorld): object {
  const { kernel, hypervisor } = w;
  return {
    memory: kernel.dma?.list().map(({ owner }) => owner),
    interrupts: kernel.irq.list().map(({ name }) => name),
    claims: hypervisor.claims.list().length,
    sources: hwrng(kernel).available,
    names: ['block', 'net', 'virtio-ports'].flatMap((name) => namesIn(w, `/sys/class/${name}`)),
    messages: w
      .guest()
      .devices()
      .filter((dev) => namesIn(w, pathOf(w, dev)).includes('msi_irqs'))
      .map(({ name }) => name),
  };
}

function pathOf({ bus }: KitWorld, dev: Device): string {
  return `/sys/bus/${bus.busName}/devices/${String(dev.name)}`;
}

function namesIn({ kernel }: KitWorld, path: string): readonly string[] {
  try {
    return kernel.sysfs.readdir(path);
  } catch {
    return [];
  }
}

/** The devices on the virtio bus. */
function virtioDevices({ kernel }: KitWorld, driver: Workload['driver']): readonly Device[] {
  return [...(kernel.busOf(driver.bus)?.devices() ?? [])];
}

/** Done whatever is refused; what was thrown that is no refusal fails the test. */
async function attempt(body: () => unknown): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
  }
}

/** A device as users see it: bound, unbound, bound again; a machine that sleeps and wakes; the driver taken out. */
export async function live(w: KitWorld, { driver }: Workload): Promise<void> {
  const dir = `/sys/bus/virtio/drivers/${driver.name}`;
  const name = virtioDevices(w, driver)[0]?.name ?? 'virtio0';
  await attempt(() => w.load(driver));
  for (const file of ['unbind', 'bind']) await attempt(() => w.fs.writeFile(`${dir}/${file}`, name));
  if (w.bus.cannotSleep !== true) {
    await attempt(() => w.kernel.suspendDevices());
    await attempt(() => w.kernel.resumeDevices());
  }
  await attempt(() => w.unload(driver));
  await w.settle();
}

/** What a user does who finds a device gone: looks again, binds its driver, puts it online. */
export async function rescanAndConfigure(w: KitWorld): Promise<void> {
  const { transport, busName } = w.bus;
  await w.guest().rescan();
  await w.settle();
  for (const dev of w.guest().devices()) {
    if (!dev.isBound)
      await attempt(() => w.fs.writeFile(`/sys/bus/${busName}/drivers/${transport.name}/bind`, String(dev.name)));
    const online =
      busName === 'ccw' ? { path: `${pathOf(w, dev)}/online`, text: '1' } : w.bus.onlineWrite?.(String(dev.name));
    if (online != null) await attempt(() => w.fs.writeFile(online.path, online.text));
  }
  await w.settle();
}

/** A clean bind, a use of it, and nothing left behind. */
export async function expectUsable(w: KitWorld, workload: Workload, what: string): Promise<void> {
  await w.load(workload.driver);
  const [dev] = w.bound(workload.driver);
  expect(dev, `${what}: nothing is bound`).to.not.equal(undefined);
  if (dev !== undefined) expect(await workload.verify(w.guest(), dev, w.models), `${what}: use`).to.equal(true);
  await w.settle();
  await w.unload(workload.driver);
}
