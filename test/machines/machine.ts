import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CcwHost,
  ccwBus,
  channelSubsystemInit,
  ControlUnit,
  packSenseId,
  virtioCcw,
  type CcwDriver,
} from '../../buses/ccw';
import { ambaBus, installOfTree, platformBus, type AmbaDriver, type PlatformDriver } from '../../buses/of-tree';
import { PciFunction, VirtioPciFunction, VpciHost } from '../../buses/vpci';
import { virtioBalloon } from '../../drivers/virtio_balloon';
import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioConsole } from '../../drivers/virtio_console';
import { virtioNet } from '../../drivers/virtio_net';
import { virtioRng } from '../../drivers/virtio_rng';
import {
  BalloonDevice,
  BlockDevice,
  ConsoleDevice,
  driverModule,
  EntropyDevice,
  Hypervisor,
  initModule,
  initSubsystems,
  Kernel,
  NetworkDevice,
  NetworkHub,
  registerVirtioBus,
  World,
  type DeviceDriver,
  type DeviceModel,
  type Guest,
  type ModuleDef,
} from '../../lib';
import { devfnOfName, recorded as recordedPci } from '../vpci/support';

/** The names of the recordings. */
export type MachineName = 'x86-pci' | 's390x-ccw' | 'arm64-of';

const DATA = join(__dirname, '..', 'data');

/** The devices of the recorded machines, in the order in which they are numbered. */
function models(): readonly DeviceModel[] {
  const mac = Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56);
  return [
    new BlockDevice({ name: 'blk0', image: new Uint8Array(1 << 20), serial: 'MACHINES-DISK-0', configWce: true }),
    new NetworkDevice({ name: 'net0', hub: new NetworkHub(), mac }),
    new EntropyDevice({ name: 'rng0' }),
    new ConsoleDevice({ name: 'ser0', ports: [{ console: true }, { name: 'org.machines.port.1' }] }),
    new BalloonDevice({ name: 'bal0' }),
    new EntropyDevice({ name: 'rng1' }),
  ];
}

/** What has the same place in a module's init as in a kernel that has it built in. */
type Load = (name: string, driver?: DeviceDriver<never>, depends?: readonly string[]) => Promise<void>;

interface Booting {
  readonly hypervisor: Hypervisor;
  readonly guest: Guest;
  readonly kernel: Kernel;
  readonly load: Load;
}

async function loadDrivers(load: Load, core: readonly string[]): Promise<void> {
  await load('failover');
  await load('net_failover', undefined, ['failover']);
  await load('virtio_net', virtioNet, [...core, 'net_failover']);
  await load('virtio_blk', virtioBlk, core);
  await load('virtio_rng', virtioRng, core);
  await load('virtio_console', virtioConsole, core);
  await load('virtio_balloon', virtioBalloon, core);
}

const X86_SLOTS = [2, 3, 4, 5, 6, 8];

/** Messages of the functions in these slots. */
const X86_MESSAGES = [2, 4, 2, 2, 0, 2];

async function bootX86({ hypervisor, guest, kernel, load }: Booting): Promise<void> {
  const host = new VpciHost(hypervisor, { lastBus: 255 });
  const complex = host.complexOf(guest);
  for (const [i, model] of models().entries()) {
    const fn = new VirtioPciFunction(model, guest, { pin: complex.allocPin(), messages: X86_MESSAGES[i] ?? 0 });
    complex.plug(fn, { devfn: (X86_SLOTS[i] ?? 0) * 8 });
  }
  for (const [name, { config, bars }] of Object.entries(recordedPci.functions)) {
    const devfn = devfnOfName(name);
    if (X86_SLOTS.includes(devfn >> 3)) continue;
    const bytes = new Uint8Array(readFileSync(join(DATA, 'x86-pci', config)));
    complex.plug(new PciFunction({ config: bytes, bars }), { devfn });
  }
  const { transport } = await host.boot(kernel, guest);
  await load('virtio_ring');
  await load('virtio', undefined, ['virtio_ring']);
  await load('virtio_pci_modern_dev');
  await load('virtio_pci_legacy_dev');
  await load('virtio_pci', transport, ['virtio_ring', 'virtio_pci_modern_dev', 'virtio_pci_legacy_dev', 'virtio']);
  await loadDrivers(load, ['virtio', 'virtio_ring']);
}

/** The terminal's driver: it does not set its device online by itself. */
const terminal3270: CcwDriver = {
  name: '3270',
  bus: ccwBus,
  ids: [{ cuType: 0x3270 }],
  probe: () => undefined,
  setOnline: () => undefined,
  setOffline: () => undefined,
};

class Terminal extends ControlUnit {
  readonly senseId = packSenseId({ cuType: 0x3270, cuModel: 0, devType: 0, devModel: 0 });

  override operate(): number | null {
    return this.reject();
  }
}

const DEVNOS = [0x1000, 0x0a00, 0x0f00, 0x0010, 0x0200, 0x0300];

async function bootS390x({ hypervisor, guest, kernel, load }: Booting): Promise<void> {
  const host = new CcwHost(hypervisor);
  for (const [i, model] of models().entries()) {
    host.plug(model, guest, { devno: DEVNOS[i] ?? 0, ...(i === 5 ? { maxRevision: 0 } : {}) });
  }
  host.plugUnit(new Terminal(), guest, { devno: 0x0009, path: { id: 1, type: 0x1a } });
  await channelSubsystemInit(kernel);
  await kernel.registerDriver(terminal3270);
  await kernel.registerDriver(virtioCcw);
  await kernel.world.advance(10e6);
  await loadDrivers(load, []);
}

type PlatformExtras = Pick<PlatformDriver, 'suppressBindAttrs' | 'syncState'>;

/** Takes a device of the board and leaves it alone. */
function platformDriver(name: string, compatible: string, more: PlatformExtras = {}): PlatformDriver {
  return { name, bus: platformBus, ofMatchTable: [{ compatible }], probe: () => undefined, ...more };
}

function ambaDriver(name: string, id: number): AmbaDriver {
  return { name, bus: ambaBus, idTable: [{ id, mask: 0x000f_ffff }], probe: () => undefined };
}

/** Drivers that the recorded kernel has built in. */
const BOARD_DRIVERS: readonly (PlatformDriver | AmbaDriver)[] = [
  platformDriver('pci-host-generic', 'pci-host-ecam-generic'),
  platformDriver('armv8-pmu', 'arm,armv8-pmuv3', { suppressBindAttrs: true }),
  platformDriver('psci-cpuidle-domain', 'arm,psci', { syncState: () => undefined }),
  ambaDriver('uart-pl011', 0x0004_1011),
  ambaDriver('rtc-pl031', 0x0004_1031),
  ambaDriver('pl061_gpio', 0x0004_1061),
];

const TRANSPORTS = [0, 1, 2, 3, 4, 6];

async function bootArm64({ hypervisor, guest, kernel, load }: Booting): Promise<void> {
  const dtb = new Uint8Array(readFileSync(join(DATA, 'arm64-of', 'machine.dtb')));
  const of = installOfTree(hypervisor, { dtb });
  for (const [i, model] of models().entries()) of.plug(model, guest, TRANSPORTS[i]);
  const { transport } = await of.boot(kernel, guest);
  for (const driver of BOARD_DRIVERS) await kernel.registerDriver(driver);
  await load('virtio_mmio', transport);
  await loadDrivers(load, []);
}

const BOOT: Readonly<Record<MachineName, (booting: Booting) => Promise<void>>> = {
  'x86-pci': bootX86,
  's390x-ccw': bootS390x,
  'arm64-of': bootArm64,
};

function loader(kernel: Kernel): Load {
  return async (name, driver, depends = []) => {
    const def: ModuleDef = driver === undefined ? { name, depends } : driverModule(driver, { name, depends });
    await initModule(kernel, def);
    await kernel.world.advance(10e6);
  };
}

/** The kernel of a world with the devices of a recorded machine, its modules loaded, everything bound. */
export async function bootMachine(name: MachineName): Promise<Kernel> {
  const world = new World();
  const hypervisor = new Hypervisor(world);
  const guest = hypervisor.createGuest({ name });
  const kernel = new Kernel(world, { port: guest.port });
  await initSubsystems(kernel);
  await registerVirtioBus(kernel);
  await BOOT[name]({ hypervisor, guest, kernel, load: loader(kernel) });
  await world.advance(1e9);
  return kernel;
}
