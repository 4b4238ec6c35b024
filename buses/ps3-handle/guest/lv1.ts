import type { KernelLog } from '../../../lib/base/printk';
import { ENODEV, EPROTO, errnoName } from '../../../lib/errno';
import { decodePlace, type Place } from '../../../lib/access/place';
import { oneNumber, type Crossing, type HypercallResult, type Port } from '../../../lib/hypervisor/port';
import { LV1, LV1_NAMES, type RegisterWindow } from '../layout';

/** Page size of a mapping, as a shift. @see arch/powerpc/include/asm/ps3.h PS3_MMIO_4K */
const MMIO_4K = 12;

/** Number of attempts at a hypercall that a guest depends on. */
const TRIES = 3;

/** How a device is accessed that was opened with styles. */
export interface Access {
  /** Its number. */
  readonly style: number;
  readonly place: Place;
}

/** The hypercalls as the guest calls them. Results are numbers; a negative one is the error of the host. */
export class Lv1 {
  /** Of the devices that are open. */
  readonly #access = new Map<number, Access>();
  readonly #styles: readonly number[];
  readonly #port: Port;
  readonly #log: Pick<KernelLog, 'warn'>;

  /**
   * @param log where repeated calls are logged
   * @param styles numbers of the styles in which devices are opened, the best first; none: by commands to the handle
   */
  constructor(port: Port, log: Pick<KernelLog, 'warn'>, styles: readonly number[] = []) {
    this.#styles = styles;
    this.#port = port;
    this.#log = log;
  }

  /** Both values of a node; on failure only the error. @see lv1_read_repository_node */
  readRepositoryNode(lpar: number, name: readonly [bigint, bigint, bigint, bigint]): readonly [number, number] {
    const { status, values } = this.#port.hypercall(LV1.READ_REPOSITORY_NODE, [lpar, ...name]);
    return [oneNumber({ status, values }), oneNumber({ status, values: values.slice(1) })];
  }

  /** Opens a device for this guest alone. @returns its handle, which the real call has not @see lv1_open_device */
  openDevice(busId: number, devId: number): number {
    return this.#opened(this.#port.hypercall(LV1.OPEN_DEVICE, [busId, devId, 0, ...this.#styles]));
  }

  /** @see lv1_close_device */
  closeDevice(busId: number, devId: number): number {
    return this.#insist(LV1.CLOSE_DEVICE, [busId, devId]).status;
  }

  /**
   * Maps registers of a device that this guest has open. @returns where they are for this guest
   *
   * @see lv1_map_device_mmio_region
   */
  mapDeviceMmioRegion(busId: number, devId: number, { busAddress, length }: RegisterWindow): number {
    return oneNumber(this.#port.hypercall(LV1.MAP_DEVICE_MMIO_REGION, [busId, devId, busAddress, length, MMIO_4K]));
  }

  /** @see lv1_unmap_device_mmio_region */
  unmapDeviceMmioRegion(busId: number, devId: number, address: number): number {
    return this.#insist(LV1.UNMAP_DEVICE_MMIO_REGION, [busId, devId, address]).status;
  }

  /** Opens the graphics processor for this guest alone. @returns its handle, as openDevice @see lv1_gpu_open */
  gpuOpen(): number {
    return oneNumber(this.#port.hypercall(LV1.GPU_OPEN, [0]));
  }

  /** @see lv1_gpu_close */
  gpuClose(): number {
    return this.#insist(LV1.GPU_CLOSE, []).status;
  }

  /** @see lv1_gpu_attribute */
  gpuAttribute(operation: number): number {
    return this.#port.hypercall(LV1.GPU_ATTRIBUTE, [operation, 0, 0, 0, 0]).status;
  }

  /** A handle to an unused device of that class, whichever the hypervisor chooses. */
  allocDevice(classId: number): number {
    return this.#opened(this.#port.hypercall(LV1.ALLOC_DEVICE, [classId, ...this.#styles]));
  }

  /** How many devices of that class are unused. */
  countDevices(classId: number): number {
    return oneNumber(this.#port.hypercall(LV1.COUNT_DEVICES, [classId]));
  }

  freeDevice(handle: number): number {
    this.#access.delete(handle);
    return this.#insist(LV1.FREE_DEVICE, [handle]).status;
  }

  /** How the device of a handle is accessed; undefined: by commands. */
  accessOf(handle: number): Access | undefined {
    return this.#access.get(handle);
  }

  /** A command to a device: a code of lib/access/styles/channel/layout.ts, its arguments and values. */
  command(handle: number, code: number, ...args: readonly Crossing[]): HypercallResult {
    return this.#port.hypercall(LV1.DEVICE_COMMAND, [handle, code, ...args]);
  }

  /** With styles in the call, the style and the place follow the handle. */
  #opened({ status, values }: HypercallResult): number {
    const handle = oneNumber({ status, values: values.slice(0, 1) });
    if (handle < 0 || this.#styles.length === 0) return handle;
    const place = decodePlace(values.slice(2));
    if (place === null) return -EPROTO;
    this.#access.set(handle, { style: Number(values[1]), place });
    return handle;
  }

  /**
   * Calls until it works, a few times: a guest that gives something back has no other way to be rid of it. What is gone
   * (ENODEV) stays so.
   */
  #insist(nr: number, args: readonly Crossing[]): HypercallResult {
    for (let left = TRIES; ; left -= 1) {
      const result = this.#port.hypercall(nr, args);
      if (result.status === 0 || result.status === -ENODEV || left === 1) return result;
      this.#log.warn(`${LV1_NAMES[nr] ?? ''} failed: ${errnoName(result.status)}; trying again`);
    }
  }
}
