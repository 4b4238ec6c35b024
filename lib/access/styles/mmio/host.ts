import { EINVAL } from '../../../errno';
import { checkRingSizes, hex, RING_FEATURES, RingQueues } from '../../../hypervisor';
import type { BackendQueue, Guest, MmioHandlers, VirtioHostDevice, Width } from '../../../hypervisor';
import { STYLE } from '../../place';
import type { Endpoint, HostSite, HostStyle } from '../host';
import { INTERRUPT, MMIO } from './layout';

/** The halves of a queue's three addresses. */
const ADDRESSES: ReadonlyMap<number, readonly ['desc' | 'driver' | 'device', 'low' | 'high']> = new Map([
  [MMIO.QUEUE_DESC_LOW, ['desc', 'low']],
  [MMIO.QUEUE_DESC_HIGH, ['desc', 'high']],
  [MMIO.QUEUE_DRIVER_LOW, ['driver', 'low']],
  [MMIO.QUEUE_DRIVER_HIGH, ['driver', 'high']],
  [MMIO.QUEUE_DEVICE_LOW, ['device', 'low']],
  [MMIO.QUEUE_DEVICE_HIGH, ['device', 'high']],
]);

const TWO32 = 2 ** 32;

/**
 * The registers of one virtio-mmio transport of one guest: they are there always, a device behind them only while one
 * is attached. VIRTIO 1.2 §4.2.2
 */
export class MmioRegisters implements MmioHandlers {
  #device: VirtioHostDevice | null = null;
  #rings: RingQueues | null = null;
  #deviceSel = 0;
  #driverSel = 0;
  #queueSel = 0;
  #driverFeatures = 0n;
  #isr = 0;
  readonly #interrupt: () => void;

  /** @param where the place of the registers, for messages */
  constructor(
    readonly guest: Guest,
    readonly where: string,
    interrupt: () => void,
  ) {
    this.#interrupt = interrupt;
  }

  /** The device behind the registers; null when there is none. */
  get device(): VirtioHostDevice | null {
    return this.#device;
  }

  get queues(): readonly BackendQueue[] {
    return this.#rings?.queues ?? [];
  }

  /** @param device its model was found good by checkRingSizes */
  attach(device: VirtioHostDevice): void {
    const { guest } = this;
    const rings = new RingQueues(device, guest, () => this.#raise('queue'));
    const interrupt = (kind: 'queue' | 'config'): void => this.#raise(kind);
    device.attach({ guest, features: RING_FEATURES, interrupt, cleared: () => rings.reset() });
    this.#device = device;
    this.#rings = rings;
    this.#forget();
  }

  /** No device is behind the registers from now on. */
  detach(): void {
    this.#device = null;
    this.#rings = null;
    this.#forget();
  }

  read(offset: number, width: Width): number {
    if (offset >= MMIO.CONFIG) return this.#readConfig(offset - MMIO.CONFIG, width);
    return this.#isRegister(offset, width, 'read') ? this.#readRegister(offset) : 0;
  }

  write(offset: number, width: Width, value: number): void {
    if (offset >= MMIO.CONFIG) this.#device?.writeConfig(offset - MMIO.CONFIG, littleEndian(value, width));
    else if (this.#isRegister(offset, width, 'write')) this.#writeRegister(offset, value);
  }

  /** Registers are whole words; only the configuration may be read in parts. VIRTIO 1.2 §4.2.2.2 */
  #isRegister(offset: number, width: Width, kind: string): boolean {
    if (width === 4 && offset % 4 === 0) return true;
    this.#refuse(`${kind} of ${String(width)} bytes at register ${hex(offset)}`);
    return false;
  }

  #readRegister(offset: number): number {
    const device = this.#device;
    switch (offset) {
      case MMIO.MAGIC_VALUE:
        return MMIO.MAGIC;
      case MMIO.VERSION:
        return MMIO.VERSION_MODERN;
      case MMIO.DEVICE_ID:
        return device?.deviceId ?? 0;
      case MMIO.VENDOR_ID:
        return MMIO.VENDOR_QEMU;
      case MMIO.DEVICE_FEATURES:
        return wordOf(device?.deviceFeatures ?? 0n, this.#deviceSel);
      case MMIO.QUEUE_NUM_MAX:
        return this.#queue?.maxSize ?? 0;
      case MMIO.QUEUE_READY:
        return this.#queue?.ready === true ? 1 : 0;
      case MMIO.INTERRUPT_STATUS:
        return this.#isr;
      case MMIO.STATUS:
        return device?.status ?? 0;
      case MMIO.CONFIG_GENERATION:
        return (device?.configGeneration ?? 0) >>> 0;
      default:
        return 0;
    }
  }

  #writeRegister(offset: number, value: number): void {
    const device = this.#device;
    if (device === null) return;
    const half = ADDRESSES.get(offset);
    if (half !== undefined) this.#writeAddress(half, value);
    else this.#writeControl(device, offset, value);
  }

  #writeControl(device: VirtioHostDevice, offset: number, value: number): void {
    switch (offset) {
      case MMIO.DEVICE_FEATURES_SEL:
        this.#deviceSel = value;
        break;
      case MMIO.DRIVER_FEATURES_SEL:
        this.#driverSel = value;
        break;
      case MMIO.DRIVER_FEATURES:
        this.#driverFeatures = withWord(this.#driverFeatures, this.#driverSel, value);
        device.driverFeatures = this.#driverFeatures;
        break;
      case MMIO.INTERRUPT_ACK:
        this.#isr &= ~value;
        break;
      case MMIO.STATUS:
        this.#writeStatus(device, value & 0xff);
        break;
      default:
        this.#writeQueue(device, offset, value);
    }
  }

  #writeQueue(device: VirtioHostDevice, offset: number, value: number): void {
    switch (offset) {
      case MMIO.QUEUE_SEL:
        this.#queueSel = value;
        break;
      case MMIO.QUEUE_NUM:
        if (this.#queue !== undefined) this.#queue.size = value;
        break;
      case MMIO.QUEUE_READY:
        if (this.#queue !== undefined) this.#queue.ready = (value & 1) !== 0;
        break;
      case MMIO.QUEUE_NOTIFY:
        this.queues[value]?.notify();
        break;
      default:
        this.#refuse(`write to register ${hex(offset)}`);
    }
  }

  #writeStatus(device: VirtioHostDevice, value: number): void {
    if (value === 0) this.#forget();
    device.status = value;
  }

  #writeAddress([part, half]: readonly ['desc' | 'driver' | 'device', 'low' | 'high'], value: number): void {
    const queue = this.#queue;
    if (queue === undefined) return;
    const old = queue[part];
    queue[part] = half === 'low' ? Math.floor(old / TWO32) * TWO32 + value : value * TWO32 + (old % TWO32);
  }

  #readConfig(offset: number, width: Width): number {
    const bytes = this.#device?.readConfig(offset, width) ?? new Uint8Array(width);
    return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
  }

  get #queue(): BackendQueue | undefined {
    return this.queues[this.#queueSel];
  }

  /** The line is an edge: it rises only when nothing was pending. */
  #raise(kind: 'queue' | 'config'): void {
    const wasLow = this.#isr === 0;
    this.#isr |= kind === 'queue' ? INTERRUPT.QUEUE : INTERRUPT.CONFIG;
    if (wasLow) this.#interrupt();
  }

  #forget(): void {
    this.#isr = this.#deviceSel = this.#driverSel = this.#queueSel = 0;
    this.#driverFeatures = 0n;
  }

  #refuse(what: string): void {
    const { guest, where } = this;
    guest.log.refuse(guest.name, `guest ${guest.name}, transport at ${where}: ${what}`, -EINVAL);
  }
}

function wordOf(features: bigint, select: number): number {
  return select > 1 ? 0 : Number((features >> BigInt(32 * select)) & 0xffff_ffffn);
}

function withWord(features: bigint, select: number, value: number): bigint {
  if (select > 1) return features;
  const shift = BigInt(32 * select);
  return (features & ~(0xffff_ffffn << shift)) | (BigInt(value) << shift);
}

function littleEndian(value: number, width: Width): Uint8Array {
  return Uint8Array.from({ length: width }, (_, i) => (value >>> (8 * i)) & 0xff);
}

/** Style (a) of the mail. */
export function mmioHost(): HostStyle {
  return {
    name: 'mmio',
    code: STYLE.MMIO,
    windowSize: MMIO.BYTES,
    check: (model) => void checkRingSizes(model),
    open(site: HostSite): Endpoint {
      const { guest, device } = site;
      const raise = (): void => site.raise();
      const registers = new MmioRegisters(guest, device.model.name, raise);
      registers.attach(device);
      const close = (): void => {
        registers.detach();
        device.detach();
      };
      const gone = (): void => {
        registers.detach();
        raise();
      };
      return { window: { size: MMIO.BYTES, handlers: registers }, close, gone };
    },
  };
}
