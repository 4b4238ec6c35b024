import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ioSubchannelDriver, virtioCcw, type CcwDeviceId, type CcwDriver, type CssDriver } from '../../buses/ccw';
import { ambaBus, platformBus, virtioMmioDriver, type AmbaDriver, type PlatformDriver } from '../../buses/of-tree';
import { ps3SystemBus, ps3VirtioDriver, type Ps3Driver } from '../../buses/ps3-handle';
import { PCI_ANY_ID, pciBus, virtioPci, type PciDeviceId, type PciDriver } from '../../buses/vpci';
import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioConsole } from '../../drivers/virtio_console';
import { virtioNet } from '../../drivers/virtio_net';
import { virtioRng } from '../../drivers/virtio_rng';
import { driverAliases, driverModule, virtioBus, type VirtioDeviceId, type VirtioDriver } from '../../lib';

/** The aliases that a real module has, by `machine module`. */
const recorded = new Map<string, string[]>();
for (const line of readFileSync(join(__dirname, 'data/modules.txt'), 'utf8').trim().split('\n')) {
  const [machine, module, what, text] = line.split(' ');
  if (what !== 'alias') continue;
  const key = `${String(machine)} ${String(module)}`;
  recorded.set(key, [...(recorded.get(key) ?? []), String(text)]);
}

/** Aliases of real modules that come from elsewhere than the tables of the drivers here. */
const FROM_ELSEWHERE = [
  'acpi*:LNRO0005:*', // the table for ACPI
  'virtio:d0000000Bv*', // virtio_rproc_serial, which is in the same module on arm64
];

describe('MO-03 aliases of modules', () => {
  const all = ['x86-pci', 's390x-ccw', 'arm64-of'];
  const drivers = [
    [virtioPci, ['x86-pci']],
    [virtioMmioDriver, ['arm64-of']],
    [virtioNet, all],
    [virtioBlk, all],
    [virtioRng, all],
    [virtioConsole, all],
  ] as const;

  for (const [def, machines] of drivers) {
    const { name, aliases = [] } = driverModule(def);
    for (const machine of machines) {
      it(`${name} has those that the module of the machine ${machine} has`, () => {
        const real = recorded.get(`${machine} ${name}`)?.filter((alias) => !FROM_ELSEWHERE.includes(alias)) ?? [];
        expect(real).to.have.length.greaterThan(0);
        expect([...aliases].sort()).to.deep.equal(real.sort());
      });
    }
  }

  const pci = (...idTable: PciDeviceId[]): readonly string[] =>
    driverAliases({ name: 'x', bus: pciBus, idTable } as PciDriver);
  const virtio = (...idTable: VirtioDeviceId[]): readonly string[] =>
    driverAliases({ name: 'x', bus: virtioBus, idTable } as unknown as VirtioDriver);

  it('pci: what a line leaves open is a star, and the end is open', () => {
    expect(
      pci({
        vendor: 0x8086,
        device: PCI_ANY_ID,
        subvendor: 0x1af4,
        subdevice: 0x1100,
        class: 0x010601,
        classMask: 0xffffff,
      }),
    ).to.deep.equal(['pci:v00008086d*sv00001AF4sd00001100bc01sc06i01*']);
    expect(pci({ class: 0x0c0330, classMask: 0xffff00 }, {})).to.deep.equal([
      'pci:v*d*sv*sd*bc0Csc03i*',
      'pci:v*d*sv*sd*bc*sc*i*',
    ]);
  });

  it('pci: a line for overrides has a prefix of its own, and a mask of half a byte has no pattern', () => {
    expect(pci({ vendor: 1, overrideOnly: true })).to.deep.equal(['vfio_pci:v00000001d*sv*sd*bc*sc*i*']);
    expect(pci({ class: 0x010000, classMask: 0xf00000 })).to.deep.equal([]);
    expect(driverAliases({ name: 'x', bus: pciBus })).to.deep.equal([]);
  });

  it('virtio: any device, and a vendor', () => {
    expect(virtio({ device: 0xffffffff }, { device: 2, vendor: 0x1af4 })).to.deep.equal([
      'virtio:d*v*',
      'virtio:d00000002v00001AF4*',
    ]);
  });

  it('ccw and css', () => {
    const ccw = (...ids: CcwDeviceId[]): readonly string[] => driverAliases({ ...virtioCcw, ids } as CcwDriver);
    expect(driverAliases(virtioCcw)).to.deep.equal(['ccw:t3832m*dt*dm*']);
    expect(ccw({ cuType: 0x3990, cuModel: 0xe9, devType: 0x3390, devModel: 0xa })).to.deep.equal([
      'ccw:t3990mE9dt3390dm0A*',
    ]);
    expect(driverAliases(ioSubchannelDriver)).to.deep.equal(['css:t0']);
    expect(driverAliases({ ...ioSubchannelDriver, subchannelTypes: [1, 10] } as CssDriver)).to.deep.equal([
      'css:t1',
      'css:tA',
    ]);
  });

  it('of and platform, amba with open digits, ps3', () => {
    const platform: PlatformDriver = {
      name: 'x',
      bus: platformBus,
      ofMatchTable: [{ compatible: 'a,b', type: 'c' }],
      idTable: [{ name: 'led' }],
    };
    expect(driverAliases(platform)).to.deep.equal(['of:N*Tc*Ca,b', 'of:N*Tc*Ca,bC*', 'platform:led']);
    const amba: AmbaDriver = { name: 'x', bus: ambaBus, idTable: [{ id: 0x00041011, mask: 0x000fffff }] };
    expect(driverAliases(amba)).to.deep.equal(['amba:d???41011']);
    expect(driverAliases(ps3VirtioDriver)[0]).to.match(/^ps3:\d+:0$/);
    expect(driverAliases({ name: 'x', bus: ps3SystemBus, matchId: 10, matchSubId: 1 } as Ps3Driver)).to.deep.equal([
      'ps3:10:1',
    ]);
  });

  it('a bus that makes none gives none, and aliases can be written by hand', () => {
    const def = { name: 'my-led', bus: { name: 'b' } };
    expect(driverModule(def, { aliases: ['b:led'] })).to.deep.include({ name: 'my_led', aliases: ['b:led'] });
    expect(driverAliases(def)).to.deep.equal([]);
  });
});
