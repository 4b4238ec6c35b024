import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ShellSession, transcriptOf } from '../../lib/shell';
import { BASES, machineFile, MachineFileError, parseMachine, VirtualMachine, type FileReader } from '../../machines';

const FILES: Readonly<Record<string, Uint8Array>> = {
  'disk.img': new Uint8Array(3 * 512).fill(0x41),
  'board.dtb': readFileSync(join(__dirname, '../data/arm64-of/machine.dtb')),
};

const files: FileReader = {
  read: (path) => {
    const content = FILES[path];
    if (content === undefined) throw new Error('No such file or directory');
    return content;
  },
};

/** What a machine prints for a script. */
async function run(machine: object, script: string): Promise<string> {
  const booted = await VirtualMachine.boot(parseMachine(JSON.stringify(machine), files));
  return transcriptOf(new ShellSession(booted), script);
}

/** Where and why a machine file is refused. */
function refusal(...lines: readonly string[]): string {
  try {
    parseMachine(lines.join('\n'), files);
  } catch (error) {
    if (error instanceof MachineFileError) return `${String(error.line)}: ${error.reason}`;
    throw error;
  }
  return 'it is taken';
}

/** {@link refusal} of devices, the first in line 2. */
const ofDevices = (...devices: readonly string[]): string =>
  refusal('{ "base": "x86-pci", "devices": [', devices.join(',\n'), ']}');

describe('machine files', () => {
  it('a second disk with an image stands where the file says', async () => {
    const machine = {
      base: 'x86-pci',
      devices: [
        { type: 'virtio-blk', address: '07.0', serial: 'ONE' },
        { type: 'virtio-blk', address: '1e.0', image: 'disk.img', serial: 'TWO' },
      ],
    };
    const script = [
      'readlink /sys/block/vdb',
      'cat /sys/block/vda/serial /sys/block/vdb/serial /sys/block/vdb/size',
      'head -c 4 /dev/vdb',
      'cat /sys/bus/pci/drivers/pcieport/new_id',
    ];
    expect(await run(machine, script.join('\n'))).to.equal(
      [
        `$ ${script[0]!}`,
        '../devices/pci0000:00/0000:00:1e.0/virtio1/block/vdb',
        `$ ${script[1]!}`,
        'ONETWO3',
        `$ ${script[2]!}`,
        `AAAA$ ${script[3]!}`,
        "cat: can't open '/sys/bus/pci/drivers/pcieport/new_id': Permission denied",
        '[status 1]',
        '',
      ].join('\n'),
    );
  });

  it('a subchannel set and a device number of the user; revision 0', async () => {
    const machine = {
      base: 's390x-ccw',
      devices: [
        { type: 'virtio-rng', address: 'fe.1.beef' },
        { type: 'virtio-rng', address: '0.0.0002', legacy: true },
      ],
    };
    const script = 'readlink -f /sys/bus/virtio/devices/virtio*\ncut -c33 /sys/bus/virtio/devices/virtio?/features';
    expect(await run(machine, script))
      .to.contain('/sys/devices/css0/0.1.0000/0.1.beef/virtio')
      .and.to.match(/\n0\n1\n$|\n1\n0\n$/);
  });

  it('a device tree of the user', async () => {
    const machine = { base: 'arm64-of', tree: 'board.dtb', devices: [{ type: 'virtio-rng', address: 31 }] };
    const script = 'ls /sys/bus/platform/drivers/virtio-mmio\ncat /sys/firmware/devicetree/base/model | tr -d "\\0"';
    expect(await run(machine, script))
      .to.match(/^a003e00\.virtio_mmio$/m)
      .and.to.match(/linux,dummy-virt/);
  });

  it('a machine without devices has the drivers of its base', async () => {
    expect(await run({ base: 'arm64-of' }, 'readlink /sys/bus/amba/devices/9000000.pl011/driver')).to.contain(
      '/uart-pl011\n',
    );
  });

  it('what is wrong is refused with its line', () => {
    expect([
      refusal('{', '  "base": "x86-pci",', '  "devices": [}', '}'),
      refusal('{', '  "base": "pdp-11"', '}'),
      refusal('{', '  "base": "x86-pci",', '  "colour": 1', '}'),
      ofDevices('{ "type": "virtio-blk" }', '{ "type": "virtio-toaster" }'),
      ofDevices('{ "type": "virtio-rng", "address": "04.0" }', '{ "type": "virtio-rng", "address": "0000:00:04.0" }'),
      ofDevices('{ "type": "virtio-rng", "address": "1f.0" }').slice(0, 34),
      ofDevices('{ "type": "virtio-rng", "id": "a" }', '{ "type": "virtio-rng", "id": "a" }'),
      ofDevices('{ "type": "virtio-blk",\n"image": "none.img" }'),
      ofDevices('{ "type": "virtio-net", "mac": "52:54" }'),
    ]).to.deep.equal([
      '3: unexpected "}"',
      '2: "pdp-11" is no base; there are x86-pci, s390x-ccw, arm64-of, ps3',
      '3: a machine has no member "colour"',
      '3: x86-pci has no device "virtio-toaster"; it has virtio-blk, virtio-net, virtio-rng, virtio-console, ' +
        'virtio-balloon, pcie-root-port, pci-function',
      '3: 0000:00:04.0 is taken by virtio-rng0, in line 2',
      '2: "1f.0" is no place for a device',
      '3: the id "a" is taken by the device in line 2',
      '3: image "none.img": No such file or directory',
      '2: "52:54" is no address like 52:54:00:12:34:56',
    ]);
  });

  it('regression: the schema names every base and every type of device', () => {
    const schema = readFileSync(join(__dirname, '../../machines/machine.schema.json'), 'utf8');
    const types = BASES.flatMap((base) =>
      [...machineFile(base).matchAll(/"type": "([^"]*)"/g)].map(([, type]) => type),
    );
    expect([...BASES, ...types].filter((word) => !schema.includes(`"${word!}"`))).to.deep.equal([]);
  });
});
