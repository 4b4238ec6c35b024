import { EBUSY, EINVAL, ENODEV, ENOENT, ENOSPC, EPERM, errno, ErrnoError } from '../../../lib/errno';
import { done, hex, type Crossing, type DeviceModel, type Guest } from '../../../lib/hypervisor';
import type { HypercallResult, Hypervisor } from '../../../lib/hypervisor';
import type { FixtureOptions, Plugged } from '../../../lib/machine/fixture';
import { Args } from './args';
import { command } from './commands';
import { HostDevice } from './device';
import { HandleTable, type OpenHandle } from './handles';
import { GraphicsProcessor } from './native';
import { DevicePool } from './pool';
import { MappedRegions } from './regions';
import { readNode } from './repository';
import { className, LPAR_ID_PME, LV1, LV1_NAMES } from '../layout';

/**
 * The host half: a pool of devices that all guests share, the table of handles, and the hypercalls. Both ways to a
 * device, "one of this class" and "this one", work at the same time and compete for the same pool.
 *
 * A guest that dies keeps what it holds until {@link reclaim}.
 */
export class Ps3Host {
  readonly pool: DevicePool;
  readonly handles = new HandleTable();
  readonly #hv: Hypervisor;
  readonly #regions: MappedRegions;
  #lastDevId = 0;

  /** Defines the hypercalls. @throws ErrnoError EEXIST when this hypervisor has them already */
  constructor(hv: Hypervisor, { policy = 'lowest' }: FixtureOptions = {}) {
    this.#hv = hv;
    this.#regions = new MappedRegions(hv);
    this.pool = new DevicePool(policy, hv.world.random);
    this.#define(LV1.GET_LOGICAL_PARTITION_ID, ({ guest }) => done(lparOf(guest)));
    this.#define(LV1.READ_REPOSITORY_NODE, (args) => this.#readNode(args));
    this.#define(LV1.OPEN_DEVICE, (args) => this.#open(args));
    this.#define(LV1.CLOSE_DEVICE, (args) => this.#giveBack(this.#opened(args)));
    this.#define(LV1.GPU_OPEN, (args) => this.#openThis(args, this.#gpu(args)));
    this.#define(LV1.GPU_CLOSE, (args) => this.#giveBack(this.#holding(args, this.#gpu(args))));
    this.#define(LV1.GPU_ATTRIBUTE, (args) => this.#gpuAttribute(args));
    this.#define(LV1.MAP_DEVICE_MMIO_REGION, (args) => this.#map(args));
    this.#define(LV1.UNMAP_DEVICE_MMIO_REGION, (args) => this.#unmap(args));
    this.#define(LV1.ALLOC_DEVICE, (args) => this.#alloc(args));
    this.#define(LV1.FREE_DEVICE, (args) => this.#giveBack(this.#held(args)));
    this.#define(LV1.COUNT_DEVICES, (args) => done(this.pool.countFree(args.number(0, 'class'))));
    this.#define(LV1.DEVICE_COMMAND, (args) => this.#command(args));
  }

  /**
   * Adds a device to the pool; no guest is notified.
   *
   * @param place its id, less 1; default: the next unused one
   * @throws ErrnoError EEXIST when the pool has a device of that id or the hypervisor one of that name, EBUSY when the
   *   model is plugged already, EINVAL for an invalid queue size
   */
  plug(model: DeviceModel, place = this.#lastDevId): Plugged {
    if (this.pool.devices.some(({ devId }) => devId === place + 1)) {
      const reason = `another device has id ${String(place + 1)}`;
      throw new ErrnoError('EEXIST', { syscall: 'plug_device', path: model.name, reason });
    }
    this.#hv.models.check(model);
    const { log, world } = this.#hv;
    const device = new HostDevice(model, place + 1, world, {
      failed: (error, where, guest) => log.fail(guest?.name ?? null, `device ${model.name}: ${where} threw`, error),
      refused: (what, guest) => log.refuse(guest?.name ?? null, `device ${model.name}: ${what}`, -EINVAL),
      throttled: (what, guest) => log.warn(guest?.name ?? null, `device ${model.name}: ${what}; the rest waits`),
    });
    this.#lastDevId = Math.max(this.#lastDevId, device.devId);
    this.#hv.models.add(model, null);
    this.pool.add(device);
    return { unplug: () => this.#unplug(device) };
  }

  /** Takes back all that a guest holds. @returns how many handles that were */
  reclaim(guest: Guest): number {
    const held = this.handles.list(guest);
    for (const one of held) this.#giveBack(one);
    return held.length;
  }

  #unplug(device: HostDevice): void {
    if (device.gone) return;
    this.pool.remove(device);
    device.unplug();
    this.#regions.unmapAll(device);
    this.#hv.claims.release(device.model);
    this.#hv.models.remove(device.model);
  }

  #define(nr: number, call: (args: Args) => HypercallResult): void {
    const name = LV1_NAMES[nr] ?? '';
    const parse = (guest: Guest, args: readonly Crossing[]): Args => new Args(this.#hv, guest, name, args);
    this.#hv.defineHypercall({ nr, name, call: (guest, args) => call(parse(guest, args)) });
  }

  #readNode(args: Args): HypercallResult {
    const lpar = args.number(0, 'logical partition');
    const [n1, n2, n3, n4] = [1, 2, 3, 4].map((i) => args.word(i, 'name')) as [bigint, bigint, bigint, bigint];
    const values = readNode(this.#listed, lpar, [n1, n2, n3, n4]);
    // Reading a name that does not exist is legitimate: it is not logged as a refusal.
    if (values === undefined) return { status: -ENOENT, values: [] };
    return done(...values);
  }

  #alloc(args: Args): HypercallResult {
    const classId = args.number(0, 'class');
    const device = this.pool.take(classId);
    if (device !== undefined) return this.#issue(args.guest, device);
    const all = this.pool.count(classId);
    const what = `no free device of class ${String(classId)} (${className(classId)})`;
    throw args.refusal(`${what} for guest ${args.guest.name}: ${String(all)} in use`, all === 0 ? ENODEV : EBUSY);
  }

  /** The contents of the repository. */
  get #listed(): readonly HostDevice[] {
    return this.pool.devices.filter(({ model }) => !(model instanceof GraphicsProcessor));
  }

  #open(args: Args): HypercallResult {
    const [busId, devId] = this.#deviceArgs(args);
    const device = this.#listed.find((d) => d.busId === busId && d.devId === devId);
    if (device === undefined) throw args.refusal(`there is no device ${String(busId)}.${String(devId)}`, ENOENT);
    return this.#openThis(args, device);
  }

  #openThis(args: Args, device: HostDevice): HypercallResult {
    if (this.pool.takeThis(device)) return this.#issue(args.guest, device);
    return { status: this.#hv.claims.claim(device.model, args.guest), values: [] };
  }

  #map(args: Args): HypercallResult {
    const { device } = this.#opened(args);
    if (device.gone) throw args.refusal(`device ${device.name} is gone`, ENODEV);
    const [busAddress, length] = [args.number(2, 'bus address'), args.number(3, 'length')];
    if (this.#regions.isFull(device)) throw args.refusal(`device ${device.name} is mapped too often`, ENOSPC);
    const address = this.#regions.map(args.guest, device, busAddress, length);
    if (address !== undefined) return done(address);
    throw args.refusal(`device ${device.name} has no registers at ${hex(busAddress)}`, EINVAL);
  }

  #unmap(args: Args): HypercallResult {
    const { device } = this.#opened(args);
    const address = args.number(2, 'address');
    if (this.#regions.unmap(args.guest, device, address)) return done();
    throw args.refusal(`nothing of device ${device.name} is mapped at ${hex(address)}`, EINVAL);
  }

  /** What this guest holds under these ids. */
  #opened(args: Args): OpenHandle {
    const [busId, devId] = this.#deviceArgs(args);
    const held = this.handles.list().find(({ device }) => device.busId === busId && device.devId === devId);
    return this.#checkHolder(args, held, `device ${String(busId)}.${String(devId)}`);
  }

  #holding(args: Args, device: HostDevice): OpenHandle {
    return this.#checkHolder(args, this.handles.holderOf(device), `device ${device.name}`);
  }

  #checkHolder(args: Args, held: OpenHandle | undefined, what: string): OpenHandle {
    if (held?.guest === args.guest) return held;
    throw args.refusal(`guest ${args.guest.name} does not have ${what} open`, held === undefined ? EINVAL : EPERM);
  }

  #gpu(args: Args): HostDevice {
    const device = this.pool.devices.find(({ model }) => model instanceof GraphicsProcessor);
    if (device !== undefined) return device;
    throw args.refusal('there is no graphics processor', ENODEV);
  }

  #gpuAttribute(args: Args): HypercallResult {
    const { model } = this.#holding(args, this.#gpu(args)).device;
    if (model instanceof GraphicsProcessor) model.attribute();
    return done();
  }

  #issue(guest: Guest, device: HostDevice): HypercallResult {
    const { handle } = this.handles.issue(guest, device);
    this.#hv.claims.claim(device.model, guest);
    device.open(guest, handle);
    return done(handle);
  }

  /** A device that is gone can be given back as well: the handle ends, and nothing else happens. */
  #giveBack({ handle, device }: OpenHandle): HypercallResult {
    this.handles.close(handle);
    if (device.gone) return done();
    device.close();
    this.#regions.unmapAll(device);
    this.#hv.claims.release(device.model);
    this.pool.giveBack(device);
    return done();
  }

  #command(args: Args): HypercallResult {
    const { handle, device } = this.#held(args);
    if (!device.gone) return command(device, args);
    throw args.refusal(`device ${device.name} of handle ${String(handle)} is gone`, ENODEV);
  }

  /** What the handle in the first argument means to this guest. */
  #held(args: Args): OpenHandle {
    const handle = args.number(0, 'handle');
    const held = this.handles.get(handle);
    if (held?.guest === args.guest) return held;
    if (held !== undefined) throw args.refusal(`guest ${args.guest.name} does not own handle ${String(handle)}`, EPERM);
    const why = this.handles.wasIssued(handle) ? 'was given back' : 'was never given';
    throw args.refusal(`handle ${String(handle)} ${why}`, errno.EBADF);
  }

  #deviceArgs(args: Args): readonly [number, number] {
    return [args.number(0, 'bus id'), args.number(1, 'device id')];
  }
}

/** Numbers of logical partitions: the hypervisor's own comes first. */
function lparOf(guest: Guest): number {
  return LPAR_ID_PME + guest.id;
}
