import {
  CcwHost,
  ccwBus,
  channelSubsystemInit,
  ControlUnit,
  packSenseId,
  virtioCcw,
  type CcwDriver,
} from '../buses/ccw';
import { ErrnoError } from '../lib/errno';
import type { Kernel } from '../lib/base/kernel';
import type { Board, BoardParts, HotplugNames, PluggedDevice } from './board';
import { olderBalloon } from './modules';
import { addressRules } from './addresses';
import { isVirtio, type DeviceDef } from './definition';
import { modelOf } from './models';

/** The driver of terminals does not set its device online by itself. @see drivers/s390/char/raw3270.c */
const terminalDriver: CcwDriver = {
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

/** The channel path of terminals. */
const TERMINAL_PATH = { id: 1, type: 0x1a };

/** QEMU's machine s390-ccw-virtio-7.2. */
export class S390xBoard implements Board {
  readonly arch = 's390x';
  readonly hasDeviceTree = false;
  readonly modules = [];
  readonly atHand = [];
  readonly core = [];
  readonly balloon = olderBalloon;
  readonly #parts: BoardParts;
  readonly #host: CcwHost;

  constructor(parts: BoardParts) {
    this.#parts = parts;
    this.#host = new CcwHost(parts.hypervisor);
  }

  plug(def: DeviceDef): PluggedDevice {
    const { guest } = this.#parts;
    const place = def.address === null ? {} : placeOf(def.address);
    if (def.type === 'terminal3270')
      return this.#host.plugUnit(new Terminal(), guest, { ...place, path: TERMINAL_PATH });
    if (!isVirtio(def)) throw new Error(`${def.type} is no device of a channel subsystem`);
    const model = modelOf(def, this.#parts.modelParts());
    return this.#host.plug(model, guest, { ...place, ...(def.legacy ? { maxRevision: 0 } : {}) });
  }

  async boot(kernel: Kernel): Promise<void> {
    await channelSubsystemInit(kernel);
    await kernel.registerDriver(terminalDriver);
    await kernel.registerDriver(virtioCcw);
  }

  whyNotHot(def: DeviceDef, { type }: HotplugNames): string | null {
    return isVirtio(def) ? null : `Error: '${type}' is not a valid device model name`;
  }

  hotPlace(params: ReadonlyMap<string, string>, type: string): string | null {
    const devno = params.get('devno');
    if (devno === undefined) return null;
    const place = addressRules('s390x-ccw', []).canonical(devno);
    if (place === null)
      throw new ErrnoError('EINVAL', {
        syscall: 'plug',
        path: `Property '${type}.devno' doesn't take value '${devno}'`,
      });
    return place;
  }
}

function placeOf(address: string): { readonly ssid: number; readonly devno: number } {
  const [, ssid = '0', devno = '0'] = address.split('.');
  return { ssid: Number(ssid), devno: Number.parseInt(devno, 16) };
}
