import { hex } from '../../../lib/hypervisor';
import { noPromise } from '../../../lib/world';
import { CCW_BYTES, CCW_CMD, CCW_FLAG, SENSE0, unpackCcw, type Ccw } from '../layout/ccw';
import { CSTAT, DSTAT } from '../layout/scsw';
import type { Orb } from '../layout/schib';
import { ChannelCheck, programCheck } from './check';
import { DataArea, type ChannelMemory, type FetchedCcw } from './data';
import { ENDED, type ControlUnit } from './unit';

/**
 * CCWs that one start or resume fetches at most. The architecture has no limit: a program that chains for ever runs
 * until it is cleared. Here it ends with a program check.
 */
const MAX_CCWS = 4096;

const ADDRESS_LIMIT = 0x8000_0000;

/** How a run of a channel program ended. */
export interface ProgramEnd {
  /** `silent`: the device does not respond. */
  readonly kind: 'ended' | 'suspended' | 'silent';
  readonly dstat: number;
  readonly cstat: number;
  /** Address of the last CCW plus 8; that of the CCW to resume with plus 8. */
  readonly cpa: number;
  readonly count: number;
  /** What was wrong with the program; null when it was not the program. */
  readonly check: ChannelCheck | null;
  /** What the control unit threw: a defect of its own, seen by the program as an equipment check. */
  readonly thrown: unknown;
}

/**
 * Executes a channel program: fetches CCWs from memory, follows command chaining, data chaining and transfers, and has
 * the control unit do the commands. Whatever is in memory, it ends; a fault of the program is a result.
 *
 * PoP chapter 15 "Execution of I/O operations"
 */
export class ChannelProgram {
  /** CCWs that were fetched, in all runs. */
  fetched = 0;
  readonly #memory: ChannelMemory;
  readonly #orb: Orb;
  readonly #unit: ControlUnit;
  #next: number;
  #limit = 0;
  #cstat = 0;
  #started = false;
  #thrown: unknown = undefined;

  constructor(memory: ChannelMemory, orb: Orb, unit: ControlUnit) {
    this.#memory = memory;
    this.#orb = orb;
    this.#unit = unit;
    this.#next = orb.cpa;
  }

  /** Goes on from the beginning, or from where it was suspended. */
  run(): ProgramEnd {
    this.#limit = this.fetched + MAX_CCWS;
    try {
      return this.#commands();
    } catch (error) {
      if (!(error instanceof ChannelCheck)) throw error;
      return this.#end('ended', 0, error.cstat, error.ccw, 0, error);
    }
  }

  #commands(): ProgramEnd {
    for (;;) {
      const first = this.#fetch(this.#next, 'command');
      this.#started = true;
      const { ccw, at } = first;
      this.#next = at;
      if (this.#suspends(first)) return this.#end('suspended', 0, 0, at, ccw.count);
      const end = this.#command(first);
      if (end !== null) return end;
    }
  }

  /** One that still has the flag when it is fetched again by a resume suspends again. */
  #suspends({ ccw, at }: FetchedCcw): boolean {
    if ((ccw.flags & CCW_FLAG.SUSPEND) === 0) return false;
    if (!this.#orb.spnd) throw programCheck(at, 'suspend flag without suspend control');
    return true;
  }

  /** @returns null to go on with the next command */
  #command(first: FetchedCcw): ProgramEnd | null {
    const data = new DataArea(this.#memory, this.#orb, first, (at) => this.#fetch(at, 'data'));
    const dstat = this.#ask(first.ccw.command, data);
    const { ccw, at } = data.current;
    if (dstat === null) return this.#end('silent', 0, 0, at, data.residual);
    const incorrect = this.#incorrectLength(data) ? CSTAT.INCORRECT_LENGTH : 0;
    const unusual = dstat & ~(ENDED | DSTAT.STATUS_MODIFIER);
    if (incorrect !== 0 || unusual !== 0 || (ccw.flags & CCW_FLAG.CC) === 0) {
      return this.#end('ended', dstat, incorrect, at, data.residual);
    }
    this.#next = at + ((dstat & DSTAT.STATUS_MODIFIER) !== 0 ? 2 : 1) * CCW_BYTES;
    return null;
  }

  #ask(command: number, data: DataArea): number | null {
    try {
      return noPromise(this.#unit.command(command, data), () => `command ${hex(command)} of a control unit`);
    } catch (error) {
      if (error instanceof ChannelCheck) throw error;
      this.#thrown = error;
      this.#unit.sense[0] = SENSE0.EQUIPMENT_CHECK;
      return ENDED | DSTAT.UNIT_CHECK;
    }
  }

  /** PoP chapter 16 "Incorrect Length" */
  #incorrectLength(data: DataArea): boolean {
    const { flags } = data.current.ccw;
    const chained = (flags & CCW_FLAG.DC) !== 0;
    const suppressed = (flags & CCW_FLAG.SLI) !== 0 && !chained;
    if (suppressed) return false;
    if (!data.used) return this.#orb.format1 && data.residual > 0 && !this.#orb.ils;
    return data.residual > 0 || data.short || chained;
  }

  /** The CCW at an address, or the one that a transfer in channel leads to. */
  #fetch(address: number, as: 'command' | 'data'): FetchedCcw {
    const direct = this.#fetchOne(address);
    if (!this.#isTransfer(direct.ccw)) return this.#checked(direct, as);
    if (!this.#started) throw programCheck(direct.at, 'the first CCW is a transfer in channel');
    this.#checkTransfer(direct);
    const behind = this.#fetchOne(direct.ccw.address, direct.at);
    if (this.#isTransfer(behind.ccw)) throw programCheck(behind.at, 'a transfer in channel leads to another');
    return this.#checked(behind, as);
  }

  #fetchOne(address: number, from = address): FetchedCcw {
    const wrong = this.#addressFault(address);
    if (wrong !== null) throw programCheck(from, `CCW address ${hex(address)} ${wrong}`);
    this.fetched += 1;
    if (this.fetched > this.#limit) {
      const program = `the channel program at ${hex(this.#orb.cpa)}`;
      throw programCheck(address, `${program} chains through more than ${String(MAX_CCWS)} CCWs`);
    }
    return { ccw: unpackCcw(this.#memory.fetch(address, CCW_BYTES), this.#orb.format1), at: address };
  }

  #addressFault(address: number): string | null {
    if (address % CCW_BYTES !== 0) return 'is not aligned';
    if (address >= ADDRESS_LIMIT || !this.#memory.contains(address, CCW_BYTES)) return 'is outside memory';
    return null;
  }

  #isTransfer({ command }: Ccw): boolean {
    return this.#orb.format1 ? command === CCW_CMD.TIC : (command & 0x0f) === CCW_CMD.TIC;
  }

  #checkTransfer({ ccw, at }: FetchedCcw): void {
    if (!this.#orb.format1 || (ccw.flags === 0 && ccw.count === 0)) return;
    throw programCheck(at, 'a transfer in channel has flags or a count');
  }

  /** Faults that a CCW can have in itself. The command code of one that is chained as data does not count. */
  #checked(fetched: FetchedCcw, as: 'command' | 'data'): FetchedCcw {
    const { ccw, at } = fetched;
    const invalid = [0, CCW_CMD.TIC].includes(ccw.command & 0x0f);
    if (as === 'command' && invalid) throw programCheck(at, `command code ${hex(ccw.command)} is invalid`);
    if (as === 'data' && (ccw.flags & CCW_FLAG.SUSPEND) !== 0) throw programCheck(at, 'suspend flag in data chaining');
    if ((ccw.flags & CCW_FLAG.MIDA) !== 0) throw programCheck(at, 'modified indirect addresses are not installed');
    const beyond = ccw.count > 0 && ccw.address >= ADDRESS_LIMIT;
    if (beyond) throw programCheck(at, `data address ${hex(ccw.address)} has bit 0 set`);
    if ((ccw.flags & CCW_FLAG.PCI) !== 0) this.#cstat |= CSTAT.PCI;
    return fetched;
  }

  #end(
    kind: ProgramEnd['kind'],
    dstat: number,
    cstat: number,
    at: number,
    count: number,
    check: ChannelCheck | null = null,
  ): ProgramEnd {
    const cpa = (at + CCW_BYTES) % 2 ** 32;
    const end = { kind, dstat, cstat: cstat | this.#cstat, cpa, count, check, thrown: this.#thrown };
    this.#cstat = 0;
    return end;
  }
}
