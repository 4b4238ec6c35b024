import { EFAULT, EINVAL } from '../../../lib/errno';
import {
  done,
  failed,
  hex,
  type Crossing,
  type Guest,
  type HypercallResult,
  type Hypervisor,
} from '../../../lib/hypervisor';
import { CHSC, CRW, INSTRUCTION, INSTRUCTION_NAMES, packCrw, packSchid, unpackSchid, viewOf } from '../layout';
import { hasReservedBits, ORB_BYTES, packSchib, SCHIB_BYTES, unpackOrb, unpackSchib } from '../layout/schib';
import { IRB_BYTES, packIrb } from '../layout/scsw';
import { chsc } from './chsc';
import type { HostCss } from './css';
import type { HostSubchannel } from './subchannel';

/** What an instruction works with: a subchannel (null: condition code 3) and an operand's address. */
interface Operands {
  readonly css: HostCss;
  readonly sch: HostSubchannel | null;
  readonly address: number;
}

/** Operands of an instruction, and what it does. `bytes` are read or written at the operand's address. */
interface Instruction {
  readonly operands: 'schid' | 'schid, address' | 'address';
  readonly bytes: number;
  /** @returns the condition code, or a negative error number for a program interruption */
  run(ops: Operands, guest: Guest): number;
}

/** PoP chapter 14, in the order of operation codes. */
export const INSTRUCTIONS: Readonly<Record<number, Instruction>> = {
  [INSTRUCTION.CSCH]: { operands: 'schid', bytes: 0, run: ({ sch }) => sch?.clear() ?? 3 },
  [INSTRUCTION.HSCH]: { operands: 'schid', bytes: 0, run: ({ sch }) => sch?.halt() ?? 3 },
  [INSTRUCTION.MSCH]: { operands: 'schid, address', bytes: SCHIB_BYTES, run: modify },
  [INSTRUCTION.SSCH]: { operands: 'schid, address', bytes: ORB_BYTES, run: start },
  [INSTRUCTION.STSCH]: { operands: 'schid, address', bytes: SCHIB_BYTES, run: store },
  [INSTRUCTION.TSCH]: { operands: 'schid, address', bytes: IRB_BYTES, run: test },
  [INSTRUCTION.TPI]: { operands: 'address', bytes: 12, run: testPending },
  [INSTRUCTION.RSCH]: { operands: 'schid', bytes: 0, run: ({ sch }) => sch?.resume() ?? 3 },
  [INSTRUCTION.STCRW]: { operands: 'address', bytes: CRW.BYTES, run: storeCrw },
  [INSTRUCTION.CHSC]: { operands: 'address', bytes: CHSC.BYTES, run: callSubsystem },
  [INSTRUCTION.XSCH]: { operands: 'schid', bytes: 0, run: ({ sch }) => sch?.cancel() ?? 3 },
};

function modify({ sch, address }: Operands, guest: Guest): number {
  const bytes = guest.memory.read(address, SCHIB_BYTES);
  if (hasReservedBits(bytes)) return -EINVAL;
  return sch?.modify(unpackSchib(bytes).pmcw) ?? 3;
}

function start({ sch, address }: Operands, guest: Guest): number {
  const orb = unpackOrb(guest.memory.read(address, ORB_BYTES));
  return orb === undefined ? -EINVAL : (sch?.start(orb) ?? 3);
}

function store({ sch, address }: Operands, guest: Guest): number {
  if (sch === null) return 3;
  guest.memory.write(address, packSchib(sch.schib));
  return 0;
}

function test({ sch, address }: Operands, guest: Guest): number {
  const tested = sch?.test() ?? null;
  if (tested === null) return 3;
  guest.memory.write(address, packIrb(tested.irb));
  return tested.cc;
}

/** The interruption code: subchannel id, parameter, identification word. */
function testPending({ css, address }: Operands, guest: Guest): number {
  const sch = css.takeInterruption();
  if (sch === undefined) return 0;
  const bytes = new Uint8Array(12);
  const view = viewOf(bytes);
  view.setUint32(0, packSchid(sch.id));
  view.setUint32(4, sch.pmcw.intparm);
  view.setUint32(8, sch.pmcw.isc << 27);
  guest.memory.write(address, bytes);
  return 1;
}

function callSubsystem({ css, address }: Operands, guest: Guest): number {
  return chsc(css, guest.memory, address);
}

function storeCrw({ css, address }: Operands, guest: Guest): number {
  const crw = css.takeCrw();
  guest.memory.write(address, crw === undefined ? new Uint8Array(CRW.BYTES) : packCrw(crw));
  return crw === undefined ? 1 : 0;
}

/** Checks the operands and runs an instruction; returns its condition code. */
export function execute(hv: Hypervisor, css: HostCss, nr: number, args: readonly Crossing[]): HypercallResult {
  const { guest } = css;
  const name = INSTRUCTION_NAMES[nr] ?? '';
  const instruction = INSTRUCTIONS[nr];
  if (instruction === undefined) return failed(EINVAL);
  const { operands, bytes } = instruction;
  const refuse = (what: string, no: number): HypercallResult => failed(hv.refuse(guest, `${name}: ${what}`, no));
  const id = operands === 'address' ? undefined : unpackSchid(wordOf(args[0]));
  if (operands !== 'address' && id === undefined) return refuse(`${hex(wordOf(args[0]))} is no subchannel id`, EINVAL);
  const address = operands === 'schid' ? 0 : wordOf(args[operands === 'address' ? 0 : 1]);
  const align = nr === INSTRUCTION.CHSC ? 4096 : 4;
  if (address % align !== 0) return refuse(`operand address ${hex(address)} is not aligned`, EINVAL);
  if (!guest.memory.contains(address, bytes)) {
    return refuse(`operand at ${hex(address)}, ${String(bytes)} bytes, is outside memory`, EFAULT);
  }
  const cc = instruction.run({ css, sch: id === undefined ? null : css.subchannel(id), address }, guest);
  return cc < 0 ? refuse(`operand at ${hex(address)} has bits that are not allowed`, -cc) : done(cc);
}

function wordOf(value: Crossing | undefined): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) return 0xffff_ffff;
  return value >= 0 && value <= 0xffff_ffff ? value : 0xffff_ffff;
}
