import { EINVAL } from '../../../lib/errno';
import {
  done,
  failed,
  type Crossing,
  type DeviceModel,
  type Guest,
  type HypercallResult,
  type Hypervisor,
} from '../../../lib/hypervisor';
import type { HostStyles } from '../../../lib/access/styles/host';
import { hostStyles } from '../../../lib/access/styles/host-styles';
import type { FixtureOptions, Plugged } from '../../../lib/machine/fixture';
import { AccessUnit } from './access';
import { DIAG_VIRTIO_CCW_NOTIFY, INSTRUCTION, INSTRUCTION_NAMES, unpackSchid } from '../layout';
import { HostCss, type SubchannelPlace } from './css';
import { execute, INSTRUCTIONS } from './instructions';
import type { HostSubchannel } from './subchannel';
import type { ControlUnit } from './unit';
import { VirtioUnit } from './virtio';

/** Where a virtio device is to be, and how old it is. */
export interface VirtioPlace extends SubchannelPlace {
  /** The highest revision of the transport; 0: the legacy interface only. Default: the highest that there is. */
  readonly maxRevision?: number;
}

/** A device behind its subchannel. */
export interface CcwPlugged extends Plugged {
  readonly subchannel: HostSubchannel;
}

/**
 * The host half: a channel subsystem for each guest, and the instructions that reach it. A device belongs to the guest
 * that it is plugged into; nothing is allocated.
 */
export class CcwHost {
  readonly #hv: Hypervisor;
  readonly #styles: HostStyles | null;
  #lastNumber = 0;
  readonly #subsystems = new Map<Guest, HostCss>();

  /**
   * Defines the instructions.
   *
   * @throws ErrnoError EEXIST when this hypervisor has them already
   */
  constructor(hv: Hypervisor, { access }: Pick<FixtureOptions, 'access'> = {}) {
    this.#hv = hv;
    this.#styles = access === undefined ? null : hostStyles(hv, access);
    for (const key of Object.keys(INSTRUCTIONS)) this.#define(Number(key));
    hv.defineHypercall({
      nr: INSTRUCTION.DIAG_VIRTIO,
      name: INSTRUCTION_NAMES[INSTRUCTION.DIAG_VIRTIO] ?? '',
      isAccess: () => true,
      call: (guest, args) => this.#diagnose(guest, args),
    });
  }

  /** The channel subsystem of one guest. */
  css(guest: Guest): HostCss {
    const css = this.#subsystems.get(guest) ?? new HostCss(guest);
    this.#subsystems.set(guest, css);
    return css;
  }

  /**
   * Plugs a virtio device into a guest, on the lowest free subchannel.
   *
   * @throws ErrnoError as {@link HostCss.plug}; EINVAL also for an invalid queue size, EEXIST when another device has
   *   the model's name, EBUSY when the model is plugged already
   */
  plug(model: DeviceModel, guest: Guest, place: VirtioPlace = {}): CcwPlugged {
    guest.models.check(model);
    if (this.#styles !== null) return this.#plugAccess(model, guest, this.#styles, place);
    const { claims } = this.#hv;
    const owner = {
      alert: () => plugged.subchannel.alert(),
      claimed: () => void claims.claim(model, guest),
      released: () => void claims.release(model),
    };
    const unit = new VirtioUnit(model, guest, owner, place.maxRevision);
    const plugged = this.plugUnit(unit, guest, place);
    guest.models.add(model, guest);
    return { subchannel: plugged.subchannel, unplug: () => this.#unplugVirtio(plugged, unit) };
  }

  #plugAccess(model: DeviceModel, guest: Guest, styles: HostStyles, place: VirtioPlace): CcwPlugged {
    this.#lastNumber += 1;
    const unit = new AccessUnit(model, guest, this.#hv, styles, this.#lastNumber);
    const plugged = this.plugUnit(unit, guest, place);
    guest.models.add(model, guest);
    const unplug = (): void => {
      unit.unplug();
      plugged.unplug();
    };
    return { subchannel: plugged.subchannel, unplug };
  }

  /** Plugs any device into a guest. @throws ErrnoError as {@link HostCss.plug} */
  plugUnit(unit: ControlUnit, guest: Guest, place: SubchannelPlace = {}): CcwPlugged {
    const css = this.css(guest);
    const subchannel = css.plug(unit, place);
    return { subchannel, unplug: () => this.#unplug(css, subchannel, unit) };
  }

  /** Its subchannel may have another device by now. */
  #unplug(css: HostCss, subchannel: HostSubchannel, unit: ControlUnit): void {
    if (subchannel.unit === unit) css.unplug(subchannel);
  }

  #unplugVirtio(plugged: CcwPlugged, unit: VirtioUnit): void {
    unit.backend.unplug();
    plugged.unplug();
    this.#hv.claims.release(unit.backend.model);
  }

  #define(nr: number): void {
    const name = INSTRUCTION_NAMES[nr] ?? '';
    this.#hv.defineHypercall({
      nr,
      name,
      isAccess: (guest, [schid]) => this.#isOnline(guest, Number(schid)),
      call: (guest, args) => execute(this.#hv, this.css(guest), nr, args),
    });
  }

  /** A virtio device that is online is talked to; before that it is found. */
  #isOnline(guest: Guest, schid: number): boolean {
    const id = unpackSchid(schid);
    const unit = id === undefined ? null : (this.css(guest).subchannel(id)?.unit ?? null);
    return unit instanceof VirtioUnit && unit.isOnline;
  }

  /** VIRTIO 1.2 §4.3.3.2 */
  #diagnose(guest: Guest, args: readonly Crossing[]): HypercallResult {
    const [subcode, schid, queue, cookie] = args.map(Number) as [number, number, number, number];
    const refuse = (what: string): HypercallResult => failed(this.#hv.refuse(guest, `diagnose 0x500: ${what}`, EINVAL));
    if (subcode !== DIAG_VIRTIO_CCW_NOTIFY) return refuse(`subcode ${String(subcode)} is unknown`);
    const id = unpackSchid(schid);
    const unit = id === undefined ? null : (this.css(guest).subchannel(id)?.unit ?? null);
    if (!(unit instanceof VirtioUnit)) return refuse(`no virtio device behind subchannel id ${String(schid)}`);
    const given = unit.notify(queue, cookie);
    if (given !== undefined) return done(given);
    return refuse(`device ${unit.backend.model.name} has no queue ${String(queue)}`);
  }
}
