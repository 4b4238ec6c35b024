import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { main } from '../../tools/bench/bench';
import { captured, type Outcome } from '../support/captured';

const bench = (...args: string[]): Promise<Outcome> => captured(() => main(args));

const WORKLOADS = [
  'device_register_no_driver',
  'driver_register_binds_waiting_devices',
  'unbind',
  'rebind',
  'device_unregister_bound',
  'device_register_probe',
  'driver_unregister_unbinds',
  'device_unregister_unbound',
];

describe('bench', () => {
  let folder = '';

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bench-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('prints and writes the eight workloads, and the ratio to a kernel where its figures are given', async () => {
    const [json, kernel] = [join(folder, 'figures.json'), join(folder, 'kernel.json')];
    const figures = WORKLOADS.map((workload) => ({ devices: 20, drivers: 2, workload, nsPerOp: 1e9 }));
    writeFileSync(kernel, figures.map((figure) => `${JSON.stringify(figure)}\n`).join(''));
    const args = ['--devices', '20', '--drivers', '2', '--rounds', '1', '--json', json, '--kernel', kernel];
    const { out, err, code } = await bench(...args);
    expect({ err, code }).to.deep.equal({ err: '', code: 0 });
    const samples = JSON.parse(readFileSync(json, 'utf8')) as { workload: string; nsPerOp: number; devices: number }[];
    expect(samples.map(({ workload }) => workload)).to.deep.equal(WORKLOADS);
    for (const { nsPerOp, devices } of samples) {
      expect(nsPerOp).to.be.greaterThan(0);
      expect(devices).to.equal(20);
    }
    for (const workload of WORKLOADS)
      expect(out).to.match(new RegExp(`${workload} +\\d+ +\\d+ +1000000000 +0\\.00\\n`));
  });

  it('gives the median of the rounds, and the least and the longest life, also of rounds in one kernel', async () => {
    for (const option of [[], ['--one-kernel']]) {
      const { out, code } = await bench('--devices', '20', '--drivers', '1', '--rounds', '3', ...option);
      expect(code).to.equal(0);
      const [, least, most] = /a life of (\d+) to (\d+) ns/.exec(out) ?? [];
      const life = Number(/a whole life +(\d+)/.exec(out)?.[1]);
      expect(life).to.be.within(Number(least), Number(most));
    }
  });

  it('measures disks and networks on a bus beside the plain copy, for each way of using them', async () => {
    const json = join(folder, 'io.json');
    const size = ['--rounds', '1', '--io-bytes', '131072', '--bus', 'vpci', 'ccw'];
    const { out, err, code } = await bench('--io', ...size, '--json', json);
    expect({ err, code }).to.deep.equal({ err: '', code: 0 });
    const samples = JSON.parse(readFileSync(json, 'utf8')) as Record<string, number | string>[];
    const workloads = ['block, 4 KiB random', 'block, 64 KiB sequential', 'net, 1500-byte frames'];
    expect(samples.map(({ bus, workload }) => `${String(bus)}: ${String(workload)}`)).to.deep.equal(
      ['vpci', 'ccw'].flatMap((bus) => workloads.map((workload) => `${bus}: ${workload}`)),
    );
    for (const { nsPerRequest, requestsPerSecond, bytesPerSecond } of samples) {
      expect(nsPerRequest).to.be.greaterThan(0);
      expect(bytesPerSecond).to.be.at.least(Number(requestsPerSecond) * 1500);
    }
    for (const workload of workloads) expect(out).to.match(new RegExp(`${workload} +vpci +\\d+ `));
  });

  it('measures what a device costs in machines of different sizes, step by step', async () => {
    const json = join(folder, 'scale.json');
    const size = ['--rounds', '1', '--devices', '3,40', '--bus', 'vpci', 'ps3-handle/named'];
    const { out, err, code } = await bench('--scale', ...size, '--json', json);
    expect({ err, code }).to.deep.equal({ err: '', code: 0 });
    const samples = JSON.parse(readFileSync(json, 'utf8')) as Record<string, number | string>[];
    expect(samples.map(({ bus, devices }) => [bus, devices])).to.deep.equal([
      ['vpci', 3],
      ['vpci', 40],
      ['ps3-handle/named', 3],
      ['ps3-handle/named', 40],
    ]);
    for (const { bind } of samples) expect(bind).to.be.greaterThan(0);
    expect(out).to.match(/vpci +40 +\d+ +\d+ +\d+ +\d+/);
  });

  for (const [what, args, words] of [
    ['more devices than a bus has room for', ['--scale', '--bus', 'vpci', '--devices', '7937'], 'all 7936 functions'],
    ['a number that is none', ['--devices', '10,x'], "option '--devices <n,...>' argument '10,x' is invalid"],
    ['no devices', ['--devices', '0'], 'whole numbers from 1 to 1000000'],
    ['more devices than there is memory for', ['--devices', '1000001'], 'whole numbers from 1 to 1000000'],
    ['an unknown option', ['--nope'], "unknown option '--nope'; there are: --devices, "],
    ['figures that are not there', ['--kernel', 'no/such/file'], 'no/such/file: no such file'],
  ] as const) {
    it(`refuses ${what} with exit code 2`, async () => {
      const { out, err, code } = await bench(...args);
      expect({ out, code }).to.deep.equal({ out: '', code: 2 });
      expect(err)
        .to.match(/^bench: /)
        .and.to.contain(words);
    });
  }

  it('regression: says before it measures that a file cannot be written, and leaves nothing', async () => {
    const { out, err, code } = await bench('--devices', '10', '--json', join(folder, 'no', 'x.json'));
    expect({ out, code }).to.deep.equal({ out: '', code: 2 });
    expect(err).to.match(/^bench: cannot write .*x\.json: No such file or directory\n$/);
    expect(readdirSync(folder)).to.deep.equal([]);
  });
});
