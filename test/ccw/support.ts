import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CcwDevice,
  CcwHost,
  ccwBus,
  channelSubsystem,
  channelSubsystemInit,
  ControlUnit,
  CCW_BYTES,
  EMPTY_PMCW,
  INSTRUCTION,
  IRB_BYTES,
  ORB_BYTES,
  packCcw1,
  packOrb,
  packSchib,
  packSchid,
  packSenseId,
  SCHIB_BYTES,
  unpackIrb,
  unpackSchib,
  VECTOR,
  virtioCcw,
  type CcwDriver,
  type Ccw,
  type ChannelSubsystem,
  type CommandData,
  type Irb,
  type Orb,
  type Schib,
  type SenseId,
} from '../../buses/ccw';
import { DeviceModel, Hypervisor, type DeviceRequest, type Guest } from '../../lib/hypervisor';
import { ErrnoError } from '../../lib/errno';
import { Kernel } from '../../lib/base/kernel';
import type { Uevent } from '../../lib/kobject';
import { World, type WorldOptions } from '../../lib/world';

/** A virtio device that does nothing but exist, with one queue. */
export class IdleModel extends DeviceModel {
  readonly held: DeviceRequest[] = [];
  bytes = new Uint8Array(16);

  constructor(
    readonly deviceId: number,
    readonly name: string,
  ) {
    super();
  }

  override queueSizes(): readonly number[] {
    return [8];
  }

  override config(): Uint8Array {
    return this.bytes;
  }

  override writeConfig(offset: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, offset);
  }

  override handle(_queue: number, request: DeviceRequest): void {
    this.held.push(request);
  }
}

/** A device that is whatever it says. */
export class PlainUnit extends ControlUnit {
  readonly senseId: Uint8Array;
  readonly seen: number[] = [];

  constructor(
    id: Partial<SenseId> | Uint8Array,
    readonly serve?: (code: number, data: CommandData) => number | null,
  ) {
    super();
    this.senseId =
      id instanceof Uint8Array ? id : packSenseId({ cuType: 0x1234, cuModel: 1, devType: 0, devModel: 0, ...id });
  }

  override command(code: number, data: CommandData): number | null {
    this.seen.push(code);
    return super.command(code, data);
  }

  override operate(code: number, data: CommandData): number | null {
    return this.serve === undefined ? this.reject() : this.serve(code, data);
  }
}

/** A guest with a kernel whose channel subsystem is up. */
export class CcwMachine {
  readonly world: World;
  readonly hv: Hypervisor;
  readonly host: CcwHost;
  readonly guest: Guest;
  readonly events: Uevent[] = [];
  #kernel: Kernel | null = null;

  constructor(options: WorldOptions = {}) {
    this.world = new World(options);
    this.hv = new Hypervisor(this.world);
    this.host = new CcwHost(this.hv);
    this.guest = this.hv.createGuest({ name: 'g1' });
  }

  /** Only from boot on: before, nobody hears of what is plugged. */
  get kernel(): Kernel {
    if (this.#kernel === null) throw new Error('the guest has not booted');
    return this.#kernel;
  }

  #makeKernel(): Kernel {
    const kernel = new Kernel(this.world, { name: 'g1', port: this.guest.port });
    kernel.uevents.subscribe((event) => this.events.push(event));
    return kernel;
  }

  async boot(...drivers: readonly CcwDriver[]): Promise<this> {
    this.#kernel = this.#makeKernel();
    await channelSubsystemInit(this.kernel);
    for (const driver of drivers) await this.kernel.registerDriver(driver);
    await this.settle();
    return this;
  }

  get css(): ChannelSubsystem {
    return channelSubsystem(this.kernel);
  }

  /** Longer than any device takes that answers at all. */
  async settle(ns = 10e6): Promise<void> {
    await this.world.advance(ns);
  }

  cdev(name: string): CcwDevice {
    const dev = this.kernel.busOf(ccwBus)?.findDevice(name);
    if (!(dev instanceof CcwDevice)) throw new Error(`no ccw device ${name}`);
    return dev;
  }

  names(bus: 'css' | 'ccw' | 'virtio'): string[] {
    const found = [...this.kernel.buses.values()].find(({ type }) => type.name === bus);
    return [...(found?.devices() ?? [])].map((dev) => dev.name ?? '');
  }

  read(path: string): Promise<string> {
    return this.kernel.fs.readFile(path);
  }

  /** Writes as echo does. @returns '' or the name of the error */
  async echo(text: string, path: string): Promise<string> {
    const result = await this.kernel.fs.writeFile(path, `${text}\n`).then(() => '', errorName);
    await this.settle();
    return result;
  }

  /** Lines of the events of one subsystem, and forgets them. */
  takeEvents(subsystem: string): string[] {
    const mine = this.events.filter((event) => event.env.includes(`SUBSYSTEM=${subsystem}`));
    for (const event of mine) this.events.splice(this.events.indexOf(event), 1);
    return mine.map(({ env }) => env.filter((text) => !text.startsWith('SEQNUM=')).join(' '));
  }

  get refusals(): string[] {
    return this.hv.log.refusals.map((entry) => entry.refused ?? '');
  }
}

function errorName(error: unknown): string {
  if (error instanceof ErrnoError) return error.code;
  throw error;
}

/** The machine's bare instructions, for tests that are the operating system themselves. */
export class BareMachine {
  readonly world: World;
  readonly hv: Hypervisor;
  readonly host: CcwHost;
  readonly guest: Guest;
  /** I/O interrupts: vector and code. */
  readonly interrupts: string[] = [];
  machineChecks = 0;
  /** Where operands and programs are put. */
  readonly operand = 0x1000;
  readonly program = 0x2000;
  readonly data = 0x3000;

  constructor() {
    this.world = new World();
    this.hv = new Hypervisor(this.world);
    this.host = new CcwHost(this.hv);
    this.guest = this.hv.createGuest({ name: 'g1', memory: 1 << 20 });
    this.guest.port.connect((vector, value) => this.#interrupt(vector, value));
  }

  #interrupt(vector: number, value: bigint): void {
    if (vector === VECTOR.MACHINE_CHECK) this.machineChecks += 1;
    else this.interrupts.push(`${String(vector)}:${value.toString(16)}`);
  }

  run(nr: number, ...args: readonly number[]): number {
    const { status, values } = this.guest.port.hypercall(nr, args);
    return status === 0 ? Number(values[0]) : status;
  }

  stsch(schNo = 0, ssid = 0): number {
    return this.run(INSTRUCTION.STSCH, packSchid({ ssid, schNo }), this.operand);
  }

  get schib(): Schib {
    return unpackSchib(this.guest.memory.read(this.operand, SCHIB_BYTES));
  }

  /** Enables a subchannel, or does what `changes` say. */
  msch(changes: Partial<Schib['pmcw']> = { ena: true }, schNo = 0): number {
    this.stsch(schNo);
    const { pmcw, scsw } = this.schib;
    this.guest.memory.write(this.operand, packSchib({ pmcw: { ...EMPTY_PMCW, ...pmcw, ...changes }, scsw }));
    return this.run(INSTRUCTION.MSCH, packSchid({ ssid: 0, schNo }), this.operand);
  }

  ssch(orb: Partial<Orb> = {}, schNo = 0): number {
    const full: Orb = {
      intparm: 0x77,
      key: 0,
      spnd: false,
      format1: true,
      pfch: true,
      ssic: false,
      c64: true,
      i2k: false,
      lpm: 0xff,
      ils: false,
      cpa: this.program,
      ...orb,
    };
    this.guest.memory.write(this.operand, packOrb(full).subarray(0, ORB_BYTES));
    return this.run(INSTRUCTION.SSCH, packSchid({ ssid: 0, schNo }), this.operand);
  }

  tsch(schNo = 0): { cc: number; irb: Irb } {
    const cc = this.run(INSTRUCTION.TSCH, packSchid({ ssid: 0, schNo }), this.operand);
    return { cc, irb: unpackIrb(this.guest.memory.read(this.operand, IRB_BYTES)) };
  }

  /** Writes a program of format 1. */
  write(...ccws: readonly Partial<Ccw>[]): this {
    ccws.forEach((ccw, i) => {
      const full = { command: 0x02, flags: 0, count: 0, address: this.data, ...ccw };
      this.guest.memory.write(this.program + CCW_BYTES * i, packCcw1(full));
    });
    return this;
  }

  /** Starts the program and gives what the interrupt brings. */
  async start(orb: Partial<Orb> = {}): Promise<Irb> {
    const cc = this.ssch(orb);
    if (cc !== 0) throw new Error(`ssch: condition code ${String(cc)}`);
    await this.world.advance(100e6);
    const { cc: tested, irb } = this.tsch();
    if (tested !== 0) throw new Error('no status is pending');
    return irb;
  }

  bytes(address: number, length: number): number[] {
    return [...this.guest.memory.read(address, length)];
  }

  get refusals(): string[] {
    return this.hv.log.refusals.map((entry) => entry.refused ?? '');
  }
}

/** Reads a file of test/data/s390x-ccw. */
export function recorded(): Readonly<Record<string, { mode?: string; text?: string; to?: string; error?: string }>> {
  const path = join(__dirname, '../data/s390x-ccw/sysfs.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { files: ReturnType<typeof recorded> }).files;
}

/** The driver of terminals: its devices are not set online by themselves. */
export const terminalDriver: CcwDriver = {
  name: '3270',
  bus: ccwBus,
  ids: [{ cuType: 0x3270 }],
  probe: () => undefined,
  setOnline: () => undefined,
  setOffline: () => undefined,
};

/** The recorded machine: subchannels in order, with the device numbers that they were given. */
export const RECORDED_DEVICES = [
  { devno: 0x1000, virtio: 2, name: 'block' },
  { devno: 0x0a00, virtio: 1, name: 'net' },
  { devno: 0x0f00, virtio: 4, name: 'rng' },
  { devno: 0x0010, virtio: 3, name: 'console' },
  { devno: 0x0200, virtio: 5, name: 'balloon' },
  { devno: 0x0300, virtio: 4, name: 'rng1', maxRevision: 0 },
] as const;

export function plugRecorded(bench: CcwMachine): void {
  for (const { virtio, name, ...place } of RECORDED_DEVICES)
    bench.host.plug(new IdleModel(virtio, name), bench.guest, place);
  const terminal = new PlainUnit({ cuType: 0x3270, cuModel: 0 });
  bench.host.plugUnit(terminal, bench.guest, { devno: 0x0009, path: { id: 1, type: 0x1a } });
}

/** The recorded machine, booted with the drivers that it had; what it told on the way is forgotten. */
export async function recordedMachine(): Promise<CcwMachine> {
  const bench = new CcwMachine();
  plugRecorded(bench);
  await bench.boot(terminalDriver, virtioCcw);
  bench.events.length = 0;
  return bench;
}
