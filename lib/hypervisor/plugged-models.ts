import { EBUSY, EEXIST, ErrnoError } from '../errno';
import type { DeviceModel } from './device-model';

/** The properties of a guest that are needed here. */
interface Owner {
  readonly name: string;
  readonly alive: boolean;
}

/** A model in its place. */
interface Plugged {
  readonly model: DeviceModel;
  /** The guest whose machine it is in; null for a device of no guest's machine. */
  readonly guest: Owner | null;
}

/** The models that have a place in one hypervisor: each once, and each under a name of its own. */
export class PluggedModels {
  readonly #byName = new Map<string, Plugged>();

  /** @throws ErrnoError EBUSY when the model is plugged already, EEXIST when another one has its name */
  check(model: DeviceModel): void {
    const known = this.#byName.get(model.name);
    if (known === undefined || known.guest?.alive === false) return;
    const [code, what] = known.model === model ? [EBUSY, 'it'] : [EEXIST, 'another device of that name'];
    const reason = `${what} is plugged already${known.guest === null ? '' : `, into guest ${known.guest.name}`}`;
    throw new ErrnoError(code, { syscall: 'plug_device', path: model.name, reason });
  }

  /**
   * @param guest the guest of its machine; it is removed with the guest. Null: no guest's machine
   * @throws ErrnoError as {@link check}
   */
  add(model: DeviceModel, guest: Owner | null): void {
    this.check(model);
    this.#byName.set(model.name, { model, guest });
  }

  /** The model has left its place. Safe to call twice. */
  remove(model: DeviceModel): void {
    if (this.#byName.get(model.name)?.model === model) this.#byName.delete(model.name);
  }
}
