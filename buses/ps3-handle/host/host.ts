import { EBUSY, EINVAL, ENODEV, ENOENT, ENOSPC, EPERM, errno, ErrnoError } from '../../../lib/errno';
import { channelCommand } from '../../../lib/access/styles/channel/host-commands';
import { ChannelEndpoint, checkQueueSizes } from '../../../lib/access/styles/channel/host-endpoint';
import { CallArgs } from '../../../lib/access/styles/call-args';
import { OpenDevice, type HostStyle, type HostStyles } from '../../../lib/access/styles/host';
import { busFull, checkServed, done, hex } from '../../../lib/hypervisor';
import type { Crossing, DeviceModel, Guest, HypercallResult, Hypervisor } from '../../../lib/hypervisor';
import { hostStyles } from '../../../lib/access/styles/host-styles';
import type { AllocationPolicy, FixtureOptions, Plugged } from '../../../lib/machine/fixture';
import { HostDevice } from './device';
import { HandleTable, type OpenHandle } from './handles';
import { GraphicsProcessor } from './native';
import { DevicePool } from './pool';
import { MappedRegions } from './regions';
import { readNode } from './repository';
import { className, HANDLE_VECTOR, LPAR_ID_PME, LV1, LV1_NAMES, MAX_DEVICES } from '../layout';

/** Windows of devices: above all memory and all that {@link MappedRegions} maps. */
const FIRST_WINDOW = 2 ** 41;
const WINDOW_STRIDE = 2 ** 24;

/**
 * The host half: a pool of devices, of all guests or one for each, the table of handles, and the hypercalls. Both ways
 * to a device, "one of this class" and "this one", work at the same time and compete for the same pool.
 *
 * A guest that dies keeps what it holds until {@link reclaim}.
 */
export class Ps3Host {
  /** That of all guests. */
  readonly pool: DevicePool;
  /** One for each guest, where devices are private. */
  readonly #own: Map<Guest, DevicePool> | null;
  readonly #policy: AllocationPolicy;
  readonly handles = new HandleTable();
  readonly #hv: Hypervisor;
  readonly #regions: MappedRegions;
  readonly #styles: HostStyles | null;
  /** Of all devices, whichever pool they are in. */
  readonly #ids = new Set<number>();
  #lastDevId = 0;
  /** All ids below it are used. */
  #lowestId = 1;

  /** Defines the hypercalls. @throws ErrnoError EEXIST when this hypervisor has them already */
  constructor(hv: Hypervisor, { policy = 'lowest', access, ownership }: FixtureOptions = {}) {
    this.#hv = hv;
    this.#styles = access === undefined ? null : hostStyles(hv, access);
    this.#regions = new MappedRegions(hv);
    this.#policy = policy;
    this.pool = new DevicePool(policy, hv.world.random);
    this.#own = ownership === 'private' ? new Map() : null;
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
    this.#define(LV1.COUNT_DEVICES, (args) => done(this.#poolOf(args.guest).countFree(args.number(0, 'class'))));
    this.#define(LV1.DEVICE_COMMAND, (args) => this.#command(args));
  }

  /**
   * Adds a device to the pool; no guest is notified.
   *
   * @param place its id, less 1; default: the next unused one
   * @param guest whose it is, where devices are private
   * @throws ErrnoError ENOSPC when all ids are used, EEXIST when another device has that id or that name, EBUSY when
   *   the model is plugged already, EINVAL for an invalid queue size
   */
  plug(model: DeviceModel, place = this.#nextPlace(model), guest?: Guest): Plugged {
    if (this.#ids.has(place + 1)) {
      const reason = `another device has id ${String(place + 1)}`;
      throw new ErrnoError('EEXIST', { syscall: 'plug_device', path: model.name, reason });
    }
    this.#hv.models.check(model);
    if (this.#styles === null) checkQueueSizes(model);
    else this.#styles.check(model);
    const device = new HostDevice(model, place + 1, this.#hv);
    this.#ids.add(device.devId);
    this.#lastDevId = Math.max(this.#lastDevId, device.devId);
    this.#hv.models.add(model, null);
    const pool = this.#poolOf(guest);
    pool.add(device);
    return { unplug: () => this.#unplug(device, pool) };
  }

  /** The devices that a guest can have. */
  #poolOf(guest: Guest | undefined): DevicePool {
    if (this.#own === null || guest === undefined) return this.pool;
    const known = this.#own.get(guest) ?? new DevicePool(this.#policy, this.#hv.world.random);
    this.#own.set(guest, known);
    return known;
  }

  /** Behind the last; the lowest that is free once all have been used. */
  #nextPlace({ name }: DeviceModel): number {
    if (this.#lastDevId < MAX_DEVICES) return this.#lastDevId;
    while (this.#ids.has(this.#lowestId)) this.#lowestId += 1;
    if (this.#lowestId <= MAX_DEVICES) return this.#lowestId - 1;
    throw busFull(this.#hv.log, name, `all ${String(MAX_DEVICES)} ids of devices are taken`);
  }

  /** Takes back all that a guest holds. @returns how many handles that were */
  reclaim(guest: Guest): number {
    const held = this.handles.list(guest);
    for (const one of held) this.#giveBack(one);
    return held.length;
  }

  #unplug(device: HostDevice, pool: DevicePool): void {
    if (device.gone) return;
    pool.remove(device);
    this.#ids.delete(device.devId);
    this.#lowestId = Math.min(this.#lowestId, device.devId);
    device.unplug();
    this.#regions.unmapAll(device);
    this.#hv.claims.release(device.model);
    this.#hv.models.remove(device.model);
  }

  #define(nr: number, call: (args: CallArgs) => HypercallResult): void {
    const name = LV1_NAMES[nr] ?? '';
    const parse = (guest: Guest, args: readonly Crossing[]): CallArgs => new CallArgs(this.#hv, guest, name, args);
    const isAccess = (): boolean => nr === LV1.DEVICE_COMMAND;
    this.#hv.defineHypercall({ nr, name, isAccess, call: (guest, args) => call(parse(guest, args)) });
  }

  #readNode(args: CallArgs): HypercallResult {
    const lpar = args.number(0, 'logical partition');
    const [n1, n2, n3, n4] = [1, 2, 3, 4].map((i) => args.word(i, 'name')) as [bigint, bigint, bigint, bigint];
    const values = readNode(this.#poolOf(args.guest).listed, lpar, [n1, n2, n3, n4]);
    // Reading a name that does not exist is legitimate: it is not logged as a refusal.
    if (values === undefined) return { status: -ENOENT, values: [] };
    return done(...values);
  }

  #alloc(args: CallArgs): HypercallResult {
    const classId = args.number(0, 'class');
    const pool = this.#poolOf(args.guest);
    const device = pool.take(classId);
    if (device !== undefined) return this.#issue(args, device, 1);
    const all = pool.count(classId);
    const what = `no free device of class ${String(classId)} (${className(classId)})`;
    throw args.refusal(`${what} for guest ${args.guest.name}: ${String(all)} in use`, all === 0 ? ENODEV : EBUSY);
  }

  #open(args: CallArgs): HypercallResult {
    const [busId, devId] = this.#deviceArgs(args);
    const device = this.#poolOf(args.guest).byId(devId);
    const isListed = device?.busId === busId && !(device.model instanceof GraphicsProcessor);
    if (!isListed) throw args.refusal(`there is no device ${String(busId)}.${String(devId)}`, ENOENT);
    return this.#openThis(args, device, 3);
  }

  /** @param first where the styles begin in the arguments */
  #openThis(args: CallArgs, device: HostDevice, first = 1): HypercallResult {
    if (this.#poolOf(args.guest).takeThis(device)) return this.#issue(args, device, first);
    return { status: this.#hv.claims.claim(device.model, args.guest), values: [] };
  }

  #map(args: CallArgs): HypercallResult {
    const { device } = this.#opened(args);
    if (device.gone) throw args.refusal(`device ${device.name} is gone`, ENODEV);
    const [busAddress, length] = [args.number(2, 'bus address'), args.number(3, 'length')];
    if (this.#regions.isFull(device)) throw args.refusal(`device ${device.name} is mapped too often`, ENOSPC);
    const address = this.#regions.map(args.guest, device, busAddress, length);
    if (address !== undefined) return done(address);
    throw args.refusal(`device ${device.name} has no registers at ${hex(busAddress)}`, EINVAL);
  }

  #unmap(args: CallArgs): HypercallResult {
    const { device } = this.#opened(args);
    const address = args.number(2, 'address');
    if (this.#regions.unmap(args.guest, device, address)) return done();
    throw args.refusal(`nothing of device ${device.name} is mapped at ${hex(address)}`, EINVAL);
  }

  /** What this guest holds under these ids. */
  #opened(args: CallArgs): OpenHandle {
    const [busId, devId] = this.#deviceArgs(args);
    const held = this.handles.heldOf(devId).find(({ device }) => device.busId === busId);
    return this.#checkHolder(args, held, `device ${String(busId)}.${String(devId)}`);
  }

  #holding(args: CallArgs, device: HostDevice): OpenHandle {
    return this.#checkHolder(args, this.handles.holderOf(device), `device ${device.name}`);
  }

  #checkHolder(args: CallArgs, held: OpenHandle | undefined, what: string): OpenHandle {
    if (held?.guest === args.guest) return held;
    throw args.refusal(`guest ${args.guest.name} does not have ${what} open`, held === undefined ? EINVAL : EPERM);
  }

  #gpu(args: CallArgs): HostDevice {
    const device = this.#poolOf(args.guest).graphics;
    if (device !== undefined) return device;
    throw args.refusal('there is no graphics processor', ENODEV);
  }

  #gpuAttribute(args: CallArgs): HypercallResult {
    const { model } = this.#holding(args, this.#gpu(args)).device;
    if (model instanceof GraphicsProcessor) model.attribute();
    return done();
  }

  /** Without styles in the arguments the guest uses commands on the handle. */
  #issue(args: CallArgs, device: HostDevice, first: number): HypercallResult {
    const { guest } = args;
    const style = this.#styleFor(args, device, first);
    const { handle } = this.handles.issue(guest, device);
    this.#hv.claims.claim(device.model, guest);
    const raise = (): void => guest.interrupt(HANDLE_VECTOR, BigInt(handle));
    const site = { guest, device: device.virtio, handle, raise };
    if (style === null) {
      device.open = new ChannelEndpoint(site);
      return done(handle);
    }
    const base = FIRST_WINDOW + WINDOW_STRIDE * device.devId;
    const open = new OpenDevice(this.#hv, style, site, { base, vector: HANDLE_VECTOR, value: handle });
    device.open = open;
    return done(handle, style.code, ...open.words);
  }

  /** @throws ErrnoError EINVAL when none of the styles is offered, and without any for an end of a pair */
  #styleFor(args: CallArgs, device: HostDevice, first: number): HostStyle | null {
    const { guest } = args;
    const codes = Array.from({ length: Math.max(0, args.length - first) }, (_, i) => args.number(first + i, 'style'));
    try {
      if (codes.length === 0) checkServed(device.model);
      if (codes.length === 0) return null;
      if (this.#styles !== null) return this.#styles.choose(codes);
      throw args.refusal('no styles are offered', EINVAL);
    } catch (error) {
      this.#poolOf(guest).giveBack(device);
      throw error;
    }
  }

  /** A device that is gone can be given back as well: the handle ends, and nothing else happens. */
  #giveBack({ handle, device, guest }: OpenHandle): HypercallResult {
    this.handles.close(handle);
    device.close();
    if (device.gone) return done();
    this.#regions.unmapAll(device);
    this.#hv.claims.release(device.model);
    this.#poolOf(guest).giveBack(device);
    return done();
  }

  #command(args: CallArgs): HypercallResult {
    const { handle, device } = this.#held(args);
    if (device.gone) throw args.refusal(`device ${device.name} of handle ${String(handle)} is gone`, ENODEV);
    if (device.open instanceof ChannelEndpoint) return channelCommand(device.open, args);
    throw args.refusal(`device ${device.name} of handle ${String(handle)} is accessed in another way`, EINVAL);
  }

  /** What the handle in the first argument means to this guest. */
  #held(args: CallArgs): OpenHandle {
    const handle = args.number(0, 'handle');
    const held = this.handles.get(handle);
    if (held?.guest === args.guest) return held;
    if (held !== undefined) throw args.refusal(`guest ${args.guest.name} does not own handle ${String(handle)}`, EPERM);
    const why = this.handles.wasIssued(handle) ? 'was given back' : 'was never given';
    throw args.refusal(`handle ${String(handle)} ${why}`, errno.EBADF);
  }

  #deviceArgs(args: CallArgs): readonly [number, number] {
    return [args.number(0, 'bus id'), args.number(1, 'device id')];
  }
}

/** Numbers of logical partitions: the hypervisor's own comes first. */
function lparOf(guest: Guest): number {
  return LPAR_ID_PME + guest.id;
}
