import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PciFunction } from '../../buses/vpci';
import { PciMachine } from './support';

/** Bytes at offsets: `10:0000ff` for three of them from 0x10 on. */
type Runs = string;

interface ScannedFunction {
  /** Index of the bridge in front of it; -1 for the root bus. */
  readonly parent: number;
  readonly devfn: number;
  readonly size: number;
  readonly config: Runs;
  readonly writable: Runs;
}

interface Scan {
  readonly lastBus: number;
  readonly functions: readonly ScannedFunction[];
  /** What a device or bus said, line by line: `['pci 0000:00:01.0', 'supports D1 D2', ...]`. */
  readonly log: readonly (readonly string[])[];
  readonly buses: readonly string[];
  /** Names of files that not every device has, with their modes, and texts of some. */
  readonly devices: Readonly<Record<string, Readonly<Record<string, string | number>>>>;
}

interface Scans {
  readonly source: string;
  /** Files that every device has. */
  readonly common: string;
  /** Texts of files, where nothing else is said. */
  readonly usual: Readonly<Record<string, string>>;
  readonly cases: Readonly<Record<string, Scan>>;
}

const DATA = join(__dirname, '..', 'data', 'pci-scan');

/** What a recording does not tell of. */
const OTHERWISE = new Set(['driver_override', 'uevent', 'resource', 'rom', 'subsystem', 'driver']);

/** Lines that are left out: of the algorithm that gives places only a part is here (see not-modelled.md). */
const IS_ABOUT_PLACES = /assigned$|can't claim|immovable|can't assign|failed to assign|bridge window|PCI bridge to/;

function bytesOf(runs: Runs): [number, number][] {
  return runs
    .split(' ')
    .filter((run) => run !== '')
    .flatMap((run) => {
      const [at = '', hex = ''] = run.split(':');
      return [...Buffer.from(hex, 'hex')].map((byte, i): [number, number] => [parseInt(at, 16) + i, byte]);
    });
}

function linesOf(log: Scan['log']): string[] {
  return log.flatMap(([who = '', ...said]) => said.map((what) => `${who}: ${what}`));
}

async function bootScan({ lastBus, functions }: Scan): Promise<PciMachine> {
  const rig = new PciMachine({ lastBus });
  const made: PciFunction[] = [];
  for (const { parent, devfn, size, config, writable } of functions) {
    const bytes = new Uint8Array(size);
    for (const [at, byte] of bytesOf(config)) bytes[at] = byte;
    const none = Array.from({ length: size }, (_, at): [number, number] => [at, 0]);
    const options = { config: bytes, writable: new Map([...none, ...bytesOf(writable)]) };
    made.push(rig.plugBytes(options, devfn, parent < 0 ? undefined : made[parent]));
  }
  return rig.boot();
}

/** Names with modes, `reset=200`, those that all may read without. */
function namesOf(rig: PciMachine, name: string): string[] {
  const dir = `/sys/bus/pci/devices/${name}`;
  const names = rig.kernel.sysfs.readdir(dir).flatMap((file) => {
    const { kind, mode } = rig.kernel.sysfs.stat(`${dir}/${file}`);
    if (kind !== 'file' || OTHERWISE.has(file) || /^resource\d/.test(file)) return [];
    return [mode === 0o444 ? file : `${file}=${mode.toString(8)}`];
  });
  return names.sort();
}

/** Registers of many kinds of function, and what a real Linux made of them. */
for (const file of ['made', 'random', 'hardware']) {
  const scans = JSON.parse(readFileSync(join(DATA, `${file}.json`), 'utf8')) as Scans;

  describe(`vpci: ${scans.source}`, () => {
    for (const [name, scan] of Object.entries(scans.cases)) {
      it(`${name}: finds the devices and buses that Linux found, and says what it said`, async () => {
        const rig = await bootScan(scan);
        const log = rig.log.filter((text) => /^pci(_bus)? /.test(text) && !IS_ABOUT_PLACES.test(text));
        expect(log.filter((text) => !/root bus resource|vgaarb/.test(text))).to.deep.equal(linesOf(scan.log));
        expect(rig.kernel.sysfs.readdir('/sys/class/pci_bus')).to.deep.equal(scan.buses);
        expect(rig.names().sort()).to.deep.equal(Object.keys(scan.devices).sort());
      });

      it(`${name}: gives each device the files, modes and texts of Linux`, async () => {
        const rig = await bootScan(scan);
        for (const [dev, { names, configSize, ...texts }] of Object.entries(scan.devices)) {
          const wanted = `${scans.common} ${String(names)}`.trim().split(' ').sort();
          expect(namesOf(rig, dev), dev).to.deep.equal(wanted);
          expect(rig.device(dev).cfgSize, dev).to.equal(configSize);
          for (const [attr, text] of Object.entries({ ...scans.usual, ...texts })) {
            expect(await rig.cat(`bus/pci/devices/${dev}/${attr}`), `${dev}/${attr}`).to.equal(`${String(text)}\n`);
          }
        }
      });
    }
  });
}
