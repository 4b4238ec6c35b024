import type { StyleName } from '../../../lib/access/place';
import { CallArgs } from '../../../lib/access/styles/call-args';
import { OpenDevice, type HostStyles } from '../../../lib/access/styles/host';
import { hostStyles } from '../../../lib/access/styles/host-styles';
import { EBUSY, ENODEV, ENOENT, errno, ErrnoError } from '../../../lib/errno';
import { done, failed, VirtioHostDevice } from '../../../lib/hypervisor';
import type { DeviceModel, Guest, HypercallResult, Hypervisor } from '../../../lib/hypervisor';
import type { FixtureOptions, Plugged } from '../../../lib/machine/fixture';
import { EVENT, STATE, VBUS, VBUS_NAMES, VECTOR } from '../layout';

/** What a device is offered in unless a machine says otherwise. */
const DEFAULT_STYLES: readonly StyleName[] = ['mmio'];

/** So that an interrupt can carry an id with its event. */
const LAST_ID = 2 ** 32 - 1;

/** Windows: above all memory, one for each opening. */
const FIRST_WINDOW = 2 ** 44;
const WINDOW_STRIDE = 2 ** 24;
/** Handles are openings and this. */
const FIRST_HANDLE = 0x8_0000;

/** A device of the bus. */
interface Listed {
  readonly id: number;
  readonly device: VirtioHostDevice;
  /** The guest that sees it; null: all do. */
  readonly owner: Guest | null;
  /** Set while a guest has it open. */
  open: { readonly guest: Guest; readonly device: OpenDevice } | null;
  /** Guests to which it was refused since it was opened. */
  readonly refused: Set<Guest>;
}

/** The host half: a list of devices that guests see, and who has which open. A claim outlives its guest. */
export class VbusHost {
  readonly #hv: Hypervisor;
  readonly #styles: HostStyles;
  readonly #isPrivate: boolean;
  readonly #devices = new Map<number, Listed>();
  /** Devices that were unplugged while they were open, until they are closed. */
  #unplugged: readonly Listed[] = [];
  /** In order; made when they are needed. */
  #ids: number[] | null = [];
  #lastId = 0;
  #openings = 0;

  /** Defines the hypercalls. @throws ErrnoError EEXIST when this hypervisor has them already */
  constructor(hv: Hypervisor, { access = DEFAULT_STYLES, ownership = 'shared' }: FixtureOptions = {}) {
    this.#hv = hv;
    this.#isPrivate = ownership === 'private';
    this.#styles = hostStyles(hv, access);
    this.#define(VBUS.NEXT, (args) => this.#next(args));
    this.#define(VBUS.OPEN, (args) => this.#open(args));
    this.#define(VBUS.CLOSE, (args) => this.#close(args));
  }

  /**
   * Adds a device and notifies the guests that see it.
   *
   * @param place its id, less 1; default: the next unused one
   * @throws ErrnoError ENOENT for a place that is no whole number of 32 bits, EEXIST when another device has the id or
   *   the model's name, EBUSY when the model is plugged already, EINVAL for queues that a style cannot have
   */
  plug(model: DeviceModel, guest: Guest, place = this.#lastId): Plugged {
    const id = place + 1;
    if (!Number.isInteger(id) || id < 1 || id > LAST_ID) {
      const reason = `there is no place ${String(place)}`;
      throw new ErrnoError(ENOENT, { syscall: 'plug_device', path: model.name, reason });
    }
    if (this.#devices.has(id)) {
      const reason = `another device has id ${String(id)}`;
      throw new ErrnoError('EEXIST', { syscall: 'plug_device', path: model.name, reason });
    }
    this.#hv.models.check(model);
    this.#styles.check(model);
    const device = new VirtioHostDevice(model, this.#hv.world, this.#hv.log);
    const listed: Listed = { id, device, owner: this.#isPrivate ? guest : null, open: null, refused: new Set() };
    this.#hv.models.add(model, listed.owner);
    this.#devices.set(id, listed);
    this.#ids = null;
    this.#lastId = Math.max(this.#lastId, id);
    this.#notify(listed, EVENT.ADDED);
    return { unplug: () => this.#unplug(listed) };
  }

  /** Takes back all that a guest has open. @returns how many devices that were */
  reclaim(guest: Guest): number {
    const held = [...this.#devices.values(), ...this.#unplugged].filter(({ open }) => open?.guest === guest);
    for (const listed of held) this.#release(listed, guest);
    return held.length;
  }

  #define(nr: number, call: (args: CallArgs) => HypercallResult): void {
    const name = VBUS_NAMES[nr] ?? '';
    this.#hv.defineHypercall({ nr, name, call: (guest, args) => call(new CallArgs(this.#hv, guest, name, args)) });
  }

  #next(args: CallArgs): HypercallResult {
    const { guest } = args;
    const next = this.#after(args.number(0, 'id'), guest);
    if (next === undefined) return done(0, 0, 0, 0);
    const owner = next.open?.guest;
    const state = owner === undefined ? STATE.FREE : owner === guest ? STATE.OPEN : STATE.BUSY;
    return done(next.id, next.device.deviceId, state, this.#styles.mask);
  }

  /** The first device behind an id that the guest sees. */
  #after(id: number, guest: Guest): Listed | undefined {
    const ids = (this.#ids ??= [...this.#devices.keys()].sort((a, b) => a - b));
    let [low, high] = [0, ids.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ids[middle] ?? 0) <= id) low = middle + 1;
      else high = middle;
    }
    for (; low < ids.length; low += 1) {
      const listed = this.#devices.get(ids[low] ?? 0);
      if (listed !== undefined && sees(guest, listed)) return listed;
    }
    return undefined;
  }

  /** A guest that opens what it has open gets it anew: its kernel has restarted. */
  #open(args: CallArgs): HypercallResult {
    const { guest } = args;
    const id = args.number(0, 'id');
    const codes = Array.from({ length: args.length - 1 }, (_, i) => args.number(i + 1, 'style'));
    const listed = this.#devices.get(id);
    if (listed === undefined || !sees(guest, listed)) throw args.refusal(`there is no device ${String(id)}`, ENODEV);
    const style = this.#styles.choose(codes);
    if (listed.open?.guest === guest) this.#closeOpen(listed);
    if (this.#hv.claims.claim(listed.device.model, guest) !== 0) {
      listed.refused.add(guest);
      return failed(EBUSY);
    }
    listed.refused.delete(guest);
    const raise = (): void => guest.interrupt(VECTOR.DEVICES, BigInt(id));
    this.#openings += 1;
    const site = { guest, device: listed.device, handle: FIRST_HANDLE + this.#openings, raise };
    const where = { base: FIRST_WINDOW + WINDOW_STRIDE * this.#openings, vector: VECTOR.DEVICES, value: id };
    listed.open = { guest, device: new OpenDevice(this.#hv, style, site, where) };
    return done(style.code, ...listed.open.device.words);
  }

  #close(args: CallArgs): HypercallResult {
    const { guest } = args;
    const id = args.number(0, 'id');
    const isOpen = (one: Listed): boolean => one.id === id && one.open?.guest === guest;
    const listed = this.#unplugged.find(isOpen) ?? this.#devices.get(id);
    if (listed?.open?.guest !== guest)
      throw args.refusal(`guest ${guest.name} has device ${String(id)} not open`, errno.EBADF);
    this.#release(listed, guest);
    return done();
  }

  /** Only guests that were refused are notified: two that open and close again would wake each other for ever. */
  #release(listed: Listed, by: Guest): void {
    this.#closeOpen(listed);
    const refused = [...listed.refused];
    listed.refused.clear();
    for (const guest of refused) if (guest !== by) this.#interrupt(guest, listed, EVENT.FREED);
  }

  #closeOpen(listed: Listed): void {
    listed.open?.device.close();
    listed.open = null;
    this.#unplugged = this.#unplugged.filter((one) => one !== listed);
    if (!listed.device.gone) this.#hv.claims.release(listed.device.model);
  }

  /** What a guest has open stays until it closes it: whoever accesses it must not fail. */
  #unplug(listed: Listed): void {
    if (this.#devices.get(listed.id) !== listed) return;
    this.#devices.delete(listed.id);
    this.#ids = null;
    listed.device.unplug();
    if (listed.open !== null) this.#unplugged = [...this.#unplugged, listed];
    listed.open?.device.gone();
    this.#hv.claims.release(listed.device.model);
    this.#hv.models.remove(listed.device.model);
    this.#notify(listed, EVENT.REMOVED);
  }

  /** All that see the device. */
  #notify(listed: Listed, event: number): void {
    for (const guest of this.#hv.guests) if (sees(guest, listed)) this.#interrupt(guest, listed, event);
  }

  #interrupt(guest: Guest, { id }: Listed, event: number): void {
    guest.interrupt(VECTOR.BUS, BigInt(id * EVENT.KINDS + event));
  }
}

function sees(guest: Guest, { owner }: Listed): boolean {
  return owner === null || owner === guest;
}
