import { EIO } from '../../../lib/errno';
import type { DmaBuffer } from '../../../lib/access';
import type { Port } from '../../../lib/hypervisor/port';
import {
  CHSC,
  CRW,
  DIAG_VIRTIO_CCW_NOTIFY,
  INSTRUCTION,
  packSchid,
  unpackCrw,
  type Crw,
  type SubchannelId,
} from '../layout';
import { ORB_BYTES, packOrb, packSchib, SCHIB_BYTES, unpackSchib, type Orb, type Schib } from '../layout/schib';
import { IRB_BYTES, unpackIrb, type Irb } from '../layout/scsw';

/** Where operands are in the pages that the instructions work with. */
const OPERAND = 0;
const CHSC_PAGE = 4096;
/** Bytes that {@link Ioasm} needs, on a page boundary. */
export const IOASM_BYTES = 8192;

/**
 * The instructions of the channel subsystem. Each returns the condition code; -EIO means a program interruption, or
 * that the machine is gone.
 *
 * @see drivers/s390/cio/ioasm.c
 */
export class Ioasm {
  readonly #port: Port;
  readonly #operand: number;
  readonly #page: number;

  constructor(port: Port, area: DmaBuffer) {
    this.#port = port;
    this.#operand = area.address + OPERAND;
    this.#page = area.address + CHSC_PAGE;
  }

  stsch(id: SubchannelId): { readonly cc: number; readonly schib: Schib | null } {
    const cc = this.#run(INSTRUCTION.STSCH, packSchid(id), this.#operand);
    return { cc, schib: cc === 0 ? unpackSchib(this.#read(SCHIB_BYTES)) : null };
  }

  msch(id: SubchannelId, schib: Schib): number {
    this.#port.memory.write(this.#operand, packSchib(schib));
    return this.#run(INSTRUCTION.MSCH, packSchid(id), this.#operand);
  }

  ssch(id: SubchannelId, orb: Orb): number {
    this.#port.memory.write(this.#operand, packOrb(orb).subarray(0, ORB_BYTES));
    return this.#run(INSTRUCTION.SSCH, packSchid(id), this.#operand);
  }

  tsch(id: SubchannelId): { readonly cc: number; readonly irb: Irb | null } {
    const cc = this.#run(INSTRUCTION.TSCH, packSchid(id), this.#operand);
    return { cc, irb: cc === 0 || cc === 1 ? unpackIrb(this.#read(IRB_BYTES)) : null };
  }

  csch(id: SubchannelId): number {
    return this.#run(INSTRUCTION.CSCH, packSchid(id));
  }

  hsch(id: SubchannelId): number {
    return this.#run(INSTRUCTION.HSCH, packSchid(id));
  }

  rsch(id: SubchannelId): number {
    return this.#run(INSTRUCTION.RSCH, packSchid(id));
  }

  xsch(id: SubchannelId): number {
    return this.#run(INSTRUCTION.XSCH, packSchid(id));
  }

  /** The next channel report word; null when there is none. */
  stcrw(): Crw | null {
    return this.#run(INSTRUCTION.STCRW, this.#operand) === 0 ? unpackCrw(this.#read(CRW.BYTES)) : null;
  }

  /** @returns the response block from its length on; null when the call did not work */
  chsc(request: Uint8Array): Uint8Array | null {
    this.#port.memory.write(this.#page, new Uint8Array(CHSC.BYTES));
    this.#port.memory.write(this.#page, request);
    if (this.#run(INSTRUCTION.CHSC, this.#page) !== 0) return null;
    return this.#port.memory.read(this.#page + request.length, CHSC.BYTES - request.length);
  }

  /** @returns the cookie for the next time, or a negative number. VIRTIO 1.2 §4.3.3.2 */
  diagVirtioNotify(id: SubchannelId, queue: number, cookie: number): number {
    const args = [DIAG_VIRTIO_CCW_NOTIFY, packSchid(id), queue, cookie];
    const { status, values } = this.#port.hypercall(INSTRUCTION.DIAG_VIRTIO, args);
    return status === 0 && typeof values[0] === 'number' ? values[0] : -EIO;
  }

  #run(nr: number, ...args: readonly number[]): number {
    const { status, values } = this.#port.hypercall(nr, args);
    return status === 0 && typeof values[0] === 'number' ? values[0] : -EIO;
  }

  #read(length: number): Uint8Array {
    return this.#port.memory.read(this.#operand, length);
  }
}
