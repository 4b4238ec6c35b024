import { expect } from 'chai';
import { Device } from '../../lib/base/device';
import { EntropyDevice } from '../../lib/hypervisor';
import {
  registerVirtioBus,
  registerVirtioDevice,
  virtioBus,
  type VirtioDevice,
  type VirtioDriver,
} from '../../lib/virtio';
import { VIRTIO_DEV_ANY_ID } from '../../lib/virtio/virtio-device';
import { virtioIdMatch, virtioModalias } from '../../lib/virtio/virtio-bus';
import { HeldDevice } from '../support/held-device';
import { rejection } from '../support/errors';
import { VirtioMachine } from '../support/virtio';

const driver = (over: Partial<VirtioDriver> = {}): VirtioDriver => ({
  name: 'held',
  bus: virtioBus,
  idTable: [{ device: 42 }],
  probe: () => undefined,
  remove: (dev: VirtioDevice) => dev.reset(),
  ...over,
});

describe('the virtio bus', () => {
  it('is registered once, however often it is asked for', async () => {
    const { kernel } = new VirtioMachine();
    const bus = kernel.busOf(virtioBus);
    expect(await registerVirtioBus(kernel)).to.equal(bus);
    expect(bus?.type.name).to.equal('virtio');
  });

  describe('matches ids', () => {
    const any = VIRTIO_DEV_ANY_ID;
    const rows: [string, { device: number; vendor?: number }, boolean][] = [
      ['the device of any vendor', { device: 2 }, true],
      ['the device of its vendor', { device: 2, vendor: 0x1af4 }, true],
      ['no device of another vendor', { device: 2, vendor: 0x1af5 }, false],
      ['no other device', { device: 3 }, false],
      ['any device', { device: any }, true],
      ['any device of its vendor only', { device: any, vendor: 1 }, false],
    ];
    for (const [title, wanted, matches] of rows) {
      it(title, () => expect(virtioIdMatch({ device: 2, vendor: 0x1af4 }, wanted)).to.equal(matches));
    }
  });

  it('has an alias for each line of a table, with a star for any id', () => {
    const any = VIRTIO_DEV_ANY_ID;
    const rows = [
      [{ device: 2 }, 'virtio:d00000002v*'],
      [{ device: 0x1a, vendor: 0x1af4 }, 'virtio:d0000001Av00001AF4*'],
      [{ device: any }, 'virtio:d*v*'],
      [{ device: any, vendor: 1 }, 'virtio:d*v00000001*'],
    ] as const;
    const idTable = rows.map(([id]) => id);
    const aliases = virtioBus.aliases?.(driver({ idTable }));
    expect(aliases).to.deep.equal(rows.map(([, alias]) => alias));
  });

  it('asks nobody and changes nothing to match', async () => {
    const machine = new VirtioMachine();
    const { dev, transport } = await machine.plug(new HeldDevice());
    const drv = await machine.kernel.registerDriver(driver({ idTable: [{ device: 7 }] }));
    const before = transport.calls.length;
    expect(virtioBus.match?.(dev, drv)).to.equal(false);
    expect(transport.calls.length).to.equal(before);
    expect(dev.driver).to.equal(null);
  });

  it('does not warn of a driver that has a probe of its own', async () => {
    const machine = new VirtioMachine();
    await machine.kernel.registerDriver(driver());
    expect(machine.kernel.log.lines()).to.deep.equal([]);
  });

  it('shows a device as Linux does', async () => {
    const machine = new VirtioMachine();
    const { dev } = await machine.plug(new EntropyDevice({ name: 'rng0' }));
    const dir = '/sys/bus/virtio/devices/virtio0';
    expect(machine.list(dir)).to.deep.equal([
      'device',
      'features',
      'modalias',
      'status',
      'subsystem',
      'uevent',
      'vendor',
    ]);
    expect(await machine.read(`${dir}/device`)).to.equal('0x0004\n');
    expect(await machine.read(`${dir}/vendor`)).to.equal('0x1af4\n');
    expect(await machine.read(`${dir}/status`)).to.equal('0x00000001\n');
    expect(await machine.read(`${dir}/modalias`)).to.equal('virtio:d00000004v00001AF4\n');
    expect(await machine.read(`${dir}/features`)).to.equal(`${'0'.repeat(64)}\n`);
    expect(await machine.read(`${dir}/uevent`)).to.equal('MODALIAS=virtio:d00000004v00001AF4\n');
    expect(dev.parent).to.equal(machine.parent);
  });

  it('writes ids of eight digits in capitals', () => {
    expect(virtioModalias({ device: 0xabc, vendor: 0xffffffff })).to.equal('virtio:d00000ABCvFFFFFFFF');
  });

  it('reads the status of a device that sleeps to answer', async () => {
    const machine = new VirtioMachine();
    await machine.plug(new HeldDevice(), (transport) => (transport.sleepNs = 100));
    expect(await machine.read('/sys/bus/virtio/devices/virtio0/status')).to.equal('0x00000001\n');
  });
});

describe('a virtio device', () => {
  it('is reset, acknowledged and only then known', async () => {
    const machine = new VirtioMachine();
    const order: string[] = [];
    machine.kernel.uevents.subscribe(({ action, devpath }) => order.push(`${action} ${devpath}`));
    const { transport } = await machine.plug(new HeldDevice(), ({ calls }) => {
      const push = calls.push.bind(calls);
      calls.push = (...items: string[]) => {
        order.push(...items);
        return push(...items);
      };
    });
    expect(order).to.deep.equal(['reset', 'getStatus', 'setStatus 0x1', 'add /devices/fake0/virtio0']);
    expect(transport.backend.status).to.equal(1);
  });

  it('has the lowest number that is free', async () => {
    const machine = new VirtioMachine();
    const plugged = [];
    for (let i = 0; i < 3; i += 1) plugged.push(await machine.plug(new HeldDevice()));
    expect(plugged.map(({ dev }) => dev.name)).to.deep.equal(['virtio0', 'virtio1', 'virtio2']);
    await plugged[1]?.remove();
    await plugged[0]?.remove();
    expect((await machine.plug(new HeldDevice())).dev.name).to.equal('virtio0');
    expect((await machine.plug(new HeldDevice())).dev.name).to.equal('virtio1');
    expect((await machine.plug(new HeldDevice())).dev.name).to.equal('virtio3');
  });

  it('keeps its number until it is unregistered, and counts in each kernel', async () => {
    const machines = [new VirtioMachine(), new VirtioMachine()];
    for (const machine of machines) expect((await machine.plug(new HeldDevice())).dev.index).to.equal(0);
  });

  it('is released once, when the last reference is gone', async () => {
    const machine = new VirtioMachine();
    let released = 0;
    const transport = machine.transport(new HeldDevice());
    const init = {
      parent: machine.parent,
      transport,
      id: { device: 42, vendor: 1 },
      release: () => void (released += 1),
    };
    const dev = await registerVirtioDevice(machine.kernel, init);
    dev.get();
    await dev.unregister();
    expect(released).to.equal(0);
    dev.put();
    expect(released).to.equal(1);
    expect(machine.kernel.warnings).to.equal(0);
  });

  it('that cannot be reset is refused: status FAILED, number free, nothing known', async () => {
    const machine = new VirtioMachine();
    const failing = machine.transport(new HeldDevice());
    failing.refuse.set('reset', 'EIO');
    let released = 0;
    const init = {
      parent: machine.parent,
      transport: failing,
      id: { device: 42, vendor: 1 },
      release: () => void (released += 1),
    };
    const error = await rejection(() => registerVirtioDevice(machine.kernel, init));
    expect(error.code).to.equal('EIO');
    expect(error.syscall).to.equal('register_virtio_device');
    expect(failing.backend.status).to.equal(0x80);
    expect(released).to.equal(1);
    expect((await machine.plug(new HeldDevice())).dev.name).to.equal('virtio0');
  });

  it('whose name is taken in the directory of its parent is refused: status FAILED, number free', async () => {
    const machine = new VirtioMachine();
    const squatter = new Device(machine.kernel, { name: 'virtio0', parent: machine.parent, release: () => undefined });
    await squatter.add();
    const transport = machine.transport(new HeldDevice());
    const init = { parent: machine.parent, transport, id: { device: 42, vendor: 1 } };
    expect((await rejection(() => registerVirtioDevice(machine.kernel, init))).code).to.equal('EEXIST');
    expect(transport.backend.status).to.equal(0x81);
    await squatter.unregister();
    expect((await machine.plug(new HeldDevice())).dev.name).to.equal('virtio0');
  });
});
