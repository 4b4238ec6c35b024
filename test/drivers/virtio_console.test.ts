import { expect } from 'chai';
import { virtioConsole } from '../../drivers/virtio_console';
import { ConsoleDevice } from '../../lib/hypervisor';
import { consoleWorkload } from '../../lib/machine';
import { hvcWinsize } from '../../lib/subsystems/hvc';
import { utf8Encode } from '../../lib/utf8';
import { virtioBreakDevice } from '../../lib/virtio';
import { worksOn } from '../support/class-machines';
import { code, expectClean, SOON } from '../support/driver';
import { machineWithConsole, PORTS, text, unbindConsole } from '../support/console';
import { fixtures } from '../../buses';
import { VirtioMachine } from '../support/virtio';

describe('virtio_console', () => {
  for (const fixture of fixtures) {
    describe(`on ${fixture.bus} ${fixture.strategy ?? ''}`, () =>
      worksOn(fixture, () => consoleWorkload(virtioConsole)));
  }

  describe('carries', () => {
    it('a line from the guest to the host and back, through a named port', async () => {
      const { model, open, soon, machine } = await machineWithConsole();
      const file = await open('vport0p1');
      expect(await file.write(utf8Encode('hello host\n'))).to.equal(11);
      await soon();
      expect(text(model.port(1).take())).to.equal('hello host\n');
      model.port(1).send(utf8Encode('hello guest\n'));
      expect(text(await file.read())).to.equal('hello guest\n');
      expect(model.port(0).received.length).to.equal(0);
      expect(machine.hv.log.refusals).to.deep.equal([]);
    });

    it('a line each way through the console', async () => {
      const { model, open, machine } = await machineWithConsole({}, { isolate: true });
      const file = await open('hvc0');
      expect(await file.write(utf8Encode('login: '))).to.equal(7);
      expect(text(model.port(0).take())).to.equal('login: ');
      const typed = machine.world.spawn(() => file.read());
      model.port(0).send(utf8Encode('root\n'));
      expect(text(await typed)).to.equal('root\n');
    });

    it('the same over a transport whose every call sleeps', async () => {
      const { model, open, soon, machine, remove } = await machineWithConsole({}, { sleepNs: 500 });
      const file = await open('vport0p1');
      await file.write(utf8Encode('x'));
      await soon();
      expect(text(model.port(1).take())).to.equal('x');
      await file.close();
      await remove();
      expectClean(machine);
    });

    it('more than all buffers hold, in order, as fast as it is read', async () => {
      const { model, open, machine } = await machineWithConsole();
      const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 31) ^ (i >> 8));
      const file = await open('vport0p1');
      model.port(1).send(bytes);
      const got: number[] = [];
      while (got.length < bytes.length) got.push(...(await file.read(10_000)));
      expect(Uint8Array.from(got)).to.deep.equal(bytes);
      expect(model.port(1).unsent).to.equal(0);
      await machine.world.settle();
    });

    it('a long text out of the console in pieces of a page', async () => {
      const { model, open } = await machineWithConsole();
      const bytes = Uint8Array.from({ length: 10_000 }, (_, i) => i & 0x7f);
      const file = await open('hvc0');
      const before = model.served;
      expect(await file.write(bytes)).to.equal(10_000);
      expect(model.port(0).take()).to.deep.equal(bytes);
      expect(model.served - before).to.equal(3);
    });

    it('what came before a console was opened, but not before a port was', async () => {
      const { model, open, soon } = await machineWithConsole();
      model.port(0).send(utf8Encode('early'));
      await soon();
      expect(text(await (await open('hvc0')).read())).to.equal('early');
      const file = await open('vport0p1', true);
      await soon();
      model.port(1).send(utf8Encode('lost'));
      await soon();
      await file.close();
      const again = await open('vport0p1', true);
      await soon();
      expect(await code(() => again.read())).to.equal('EAGAIN');
    });
  });

  describe('shows', () => {
    it('its ports where Linux has them', async () => {
      const { machine } = await machineWithConsole();
      const { sysfs } = machine.kernel;
      const dir = '/sys/class/virtio-ports';
      expect(machine.list(dir)).to.deep.equal(['vport0p0', 'vport0p1']);
      expect(sysfs.readlink(`${dir}/vport0p1`)).to.equal('../../devices/fake0/virtio0/virtio-ports/vport0p1');
      expect(sysfs.readlink(`${dir}/vport0p1/device`)).to.equal('../../../virtio0');
      expect(machine.list(`${dir}/vport0p0`)).to.deep.equal(['dev', 'device', 'subsystem', 'uevent']);
      expect(machine.list(`${dir}/vport0p1`)).to.deep.equal(['dev', 'device', 'name', 'subsystem', 'uevent']);
      expect(await machine.read(`${dir}/vport0p1/name`)).to.equal('org.machines.port.1\n');
      expect(await machine.read(`${dir}/vport0p1/uevent`)).to.equal('MAJOR=254\nMINOR=1\nDEVNAME=vport0p1\n');
      expect(sysfs.readlink('/sys/class/tty/hvc0')).to.equal('../../devices/virtual/tty/hvc0');
      expect(await machine.read('/sys/class/tty/hvc0/dev')).to.equal('229:0\n');
      expect(machine.list('/sys/class/tty')).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7].map((n) => `hvc${String(n)}`));
    });

    it('a name by a change event', async () => {
      const machine = new VirtioMachine();
      const events: string[] = [];
      machine.kernel.uevents.subscribe(
        ({ action, devpath }) => devpath.includes('vport') && events.push(`${action} ${devpath}`),
      );
      await machine.kernel.registerDriver(virtioConsole);
      const { remove } = await machine.plug(new ConsoleDevice({ name: 'console0', ports: PORTS }));
      await machine.world.advance(SOON);
      await remove();
      const [p0, p1] = ['vport0p0', 'vport0p1'].map((port) => `/devices/fake0/virtio0/virtio-ports/${port}`) as [
        string,
        string,
      ];
      expect(events).to.deep.equal([`add ${p0}`, `add ${p1}`, `change ${p1}`, `remove ${p0}`, `remove ${p1}`]);
    });

    it('the size of the terminal while it is open', async () => {
      const { machine, model, open, soon } = await machineWithConsole({ cols: 132, rows: 43 });
      expect(hvcWinsize(machine.kernel, 0)).to.equal(null);
      const file = await open('hvc0');
      expect(hvcWinsize(machine.kernel, 0)).to.deep.equal({ rows: 43, cols: 132 });
      model.port(0).resize(100, 30);
      await soon();
      expect(hvcWinsize(machine.kernel, 0)).to.deep.equal({ rows: 30, cols: 100 });
      await file.close();
      expect(hvcWinsize(machine.kernel, 0)).to.equal(null);
    });
  });

  describe('opens', () => {
    it('a port once at a time, and tells the host', async () => {
      const { model, open, soon } = await machineWithConsole();
      expect(model.port(1).guestOpen).to.equal(false);
      const file = await open('vport0p1');
      await soon();
      expect(model.port(1).guestOpen).to.equal(true);
      expect(await code(() => open('vport0p1'))).to.equal('EBUSY');
      await file.close();
      await soon();
      expect(model.port(1).guestOpen).to.equal(false);
      expect(await code(() => file.read())).to.equal('EBADF');
      await (await open('vport0p1')).close();
    });

    it('a console only as a terminal', async () => {
      const { model, open } = await machineWithConsole();
      expect(model.port(0).guestOpen).to.equal(true);
      expect(await code(() => open('vport0p0'))).to.equal('ENXIO');
      expect(await code(() => open('hvc1'))).to.equal('ENODEV');
      expect(await code(() => open('vport0p2'))).to.equal('ENOENT');
    });

    it('many terminals, each with its own device', async () => {
      const { machine, model, open, soon } = await machineWithConsole();
      const other = new ConsoleDevice({ name: 'console1' });
      await machine.plug(other);
      await soon();
      await (await open('hvc1')).write(utf8Encode('second'));
      expect(text(model.port(0).received)).to.equal('');
      expect(text(other.port(0).received)).to.equal('second');
    });
  });

  describe('a host that closes its end', () => {
    it('ends reads with nothing and has writes wait', async () => {
      const { model, open, soon, machine } = await machineWithConsole();
      const file = await open('vport0p1');
      const read = machine.world.spawn(() => file.read());
      await soon();
      model.port(1).close();
      expect((await read).length).to.equal(0);
      expect((await file.read()).length).to.equal(0);
      const written = machine.world.spawn(() => file.write(utf8Encode('late')));
      await soon();
      expect(model.port(1).received.length).to.equal(0);
      model.port(1).open();
      expect(await written).to.equal(4);
      await soon();
      expect(text(model.port(1).received)).to.equal('late');
    });

    it('refuses with EAGAIN who may not wait', async () => {
      const { model, open, soon } = await machineWithConsole();
      const file = await open('vport0p1', true);
      expect(await code(() => file.read())).to.equal('EAGAIN');
      model.port(1).close();
      await soon();
      expect(await code(() => file.write(utf8Encode('x')))).to.equal('EAGAIN');
    });
  });

  describe('plugs', () => {
    it('ports that come and go, also with the same number', async () => {
      const { machine, model, open, soon } = await machineWithConsole({ maxPorts: 4 });
      model.addPort(3, { name: 'third' });
      await soon();
      const file = await open('vport0p3');
      const read = machine.world.spawn(() => code(() => file.read()));
      await soon();
      model.removePort(3);
      expect(await read).to.equal('ENODEV');
      expect(machine.list('/sys/class/virtio-ports')).to.deep.equal(['vport0p0', 'vport0p1']);
      await file.close();
      model.addPort(3, { name: 'again' });
      await soon();
      expect(await machine.read('/sys/class/virtio-ports/vport0p3/name')).to.equal('again\n');
      const second = await open('vport0p3');
      await soon();
      model.port(3).send(utf8Encode('works'));
      expect(text(await second.read())).to.equal('works');
      await unbindConsole(machine);
      expectClean(machine);
    });

    it('a console away: its terminal hangs up, and the line is free for the next', async () => {
      const { machine, model, open, soon } = await machineWithConsole();
      const file = await open('hvc0');
      const read = machine.world.spawn(() => file.read());
      await soon();
      model.removePort(0);
      expect((await read).length).to.equal(0);
      expect(await code(() => file.write(utf8Encode('x')))).to.equal('EIO');
      await file.close();
      expect(await code(() => open('hvc0'))).to.equal('ENODEV');
      model.addPort(0, { console: true });
      await soon();
      await (await open('hvc0')).write(utf8Encode('back'));
      expect(text(model.port(0).received)).to.equal('back');
    });
  });

  describe('without control messages', () => {
    it('is one console at once, whose size is in the configuration', async () => {
      const { machine, model, open, soon, remove } = await machineWithConsole({
        multiport: false,
        ports: [{ console: true }],
      });
      expect(machine.list('/sys/class/virtio-ports')).to.deep.equal(['vport0p0']);
      const file = await open('hvc0');
      await file.write(utf8Encode('hi'));
      expect(text(model.port(0).received)).to.equal('hi');
      model.port(0).send(utf8Encode('ho'));
      expect(text(await file.read())).to.equal('ho');
      model.port(0).resize(90, 20);
      await soon();
      expect(hvcWinsize(machine.kernel, 0)).to.deep.equal({ rows: 20, cols: 90 });
      await remove();
      expect((await file.read()).length).to.equal(0);
      expectClean(machine);
    });
  });

  describe('unbound', () => {
    it('ends who waits, refuses who comes, and gives everything back', async () => {
      const { machine, open, soon } = await machineWithConsole();
      const [file, terminal] = [await open('vport0p1'), await open('hvc0')];
      const reads = [
        machine.world.spawn(() => code(() => file.read())),
        machine.world.spawn(() => Promise.resolve(terminal.read()).then(text)),
      ];
      await soon();
      await unbindConsole(machine);
      expect(await Promise.all(reads)).to.deep.equal(['ENODEV', '']);
      expect(await code(() => file.write(utf8Encode('x')))).to.equal('ENODEV');
      expect(await code(() => terminal.write(utf8Encode('x')))).to.equal('EIO');
      expect(await code(() => file.read())).to.equal('ENODEV');
      await file.close();
      await terminal.close();
      expect(machine.list('/sys/class/virtio-ports')).to.deep.equal([]);
      expectClean(machine);
    });

    it('can be bound again, with the same numbers', async () => {
      const { machine, model, open, soon, transport } = await machineWithConsole();
      await unbindConsole(machine);
      await machine.write('/sys/bus/virtio/drivers/virtio_console/bind', 'virtio0');
      await soon();
      expect(transport.backend.status).to.equal(0xf);
      expect(await machine.read('/sys/class/virtio-ports/vport0p1/dev')).to.equal('254:1\n');
      await (await open('hvc0')).write(utf8Encode('again'));
      expect(text(model.port(0).received)).to.equal('again');
    });

    it('while the host holds what was written: the writer is not kept', async () => {
      const { machine, open } = await machineWithConsole({ latency: 1e12 });
      const terminal = await open('hvc0');
      const writes = [0, 1].map(() =>
        machine.world.spawn(() =>
          Promise.resolve(terminal.write(utf8Encode('x'))).catch((error: unknown) => error as { code: string }),
        ),
      );
      await machine.world.settle();
      await unbindConsole(machine);
      expect(await writes[0]).to.equal(1);
      expect(await writes[1]).to.include({ code: 'EIO' });
      expectClean(machine);
    });

    it('at any moment, in any schedule, ends everybody once', async () => {
      for (let seed = 0; seed < 30; seed += 1) {
        const { machine, model, open } = await machineWithConsole({}, { seed });
        const [file, terminal] = [await open('vport0p1'), await open('hvc0')];
        let ended = 0;
        const use = async (body: () => unknown): Promise<void> => {
          await machine.world.sleep(seed * 700);
          try {
            await body();
          } catch (error) {
            expect((error as { code: string }).code).to.be.oneOf(['ENODEV', 'EIO']);
          }
          ended += 1;
        };
        const uses = [
          () => file.read(),
          () => file.write(utf8Encode('a')),
          () => terminal.read(),
          () => terminal.write(utf8Encode('b')),
          () => terminal.write(utf8Encode('c')),
        ];
        const tasks = uses.map((body) => machine.world.spawn(() => use(body)));
        model.port(seed % 2).send(utf8Encode('input'));
        const gone = machine.world.spawn(async () => {
          await machine.world.sleep(12_000);
          await unbindConsole(machine);
        });
        await Promise.all([...tasks, gone]);
        expect(ended).to.equal(5);
        expectClean(machine);
      }
    });
  });

  describe('whose device vanishes', () => {
    it('ends who waits, hangs nowhere and leaks nothing', async () => {
      const { machine, open, soon, surpriseRemove } = await machineWithConsole();
      const [file, terminal] = [await open('vport0p1'), await open('hvc0')];
      const uses: (() => Uint8Array | number | Promise<Uint8Array | number>)[] = [
        () => file.read(),
        () => file.write(utf8Encode('x')),
        () => terminal.read(),
        () => terminal.write(utf8Encode('x')),
      ];
      const waits = uses.map((use) =>
        machine.world.spawn(async () => {
          try {
            const result = await use();
            return typeof result === 'number' ? 'written' : text(result);
          } catch (error) {
            return (error as { code: string }).code;
          }
        }),
      );
      await soon();
      await surpriseRemove();
      expect(await Promise.all(waits)).to.deep.equal(['ENODEV', 'written', '', 'written']);
      expect(await code(() => file.read())).to.equal('ENODEV');
      expect(await code(() => terminal.write(utf8Encode('x')))).to.equal('EIO');
      expect(machine.list('/sys/class/virtio-ports')).to.deep.equal([]);
      expectClean(machine);
    });

    it('before the guest finds out: a write is refused, and who waits is told', async () => {
      const { machine, open, soon, transport, dev } = await machineWithConsole();
      const [file, terminal] = [await open('vport0p1'), await open('hvc0')];
      const read = machine.world.spawn(() => code(() => file.read()));
      await soon();
      transport.present = false;
      expect(await code(() => file.write(utf8Encode('x')))).to.equal('EIO');
      expect(await read).to.equal('EIO');
      expect(await code(() => terminal.write(utf8Encode('x')))).to.equal('EIO');
      virtioBreakDevice(dev);
      await dev.unregister();
      expectClean(machine);
    });
  });
});
