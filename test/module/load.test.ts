import { expect } from 'chai';
import {
  deleteModule,
  ErrnoError,
  findModule,
  initModule,
  loadedModules,
  type Module,
  type ModuleDef,
} from '../../lib';
import { errorOf } from '../support/errors';
import { ModuleBench } from './support';

const init = (): void => undefined;
const exit = init;

describe('modules', () => {
  it('MO-01 a module is in /sys/module, and its add event comes after its init', async () => {
    const bench = new ModuleBench();
    const states: string[] = [];
    const def: ModuleDef = {
      name: 'm',
      async init() {
        states.push(
          await bench.cat('/sys/module/m/initstate'),
          await bench.cat('/sys/module/m/refcnt'),
          bench.taken().join(),
        );
      },
      exit,
    };
    await initModule(bench.kernel, def);
    expect(states).to.deep.equal(['coming\n', '1\n', '']);
    expect(bench.taken()).to.deep.equal(['add /module/m module']);
    expect(bench.ls('/sys/module/m')).to.deep.equal(['holders', 'initstate', 'refcnt', 'uevent']);
    expect(await bench.cat('/sys/module/m/initstate')).to.equal('live\n');
    expect(await bench.cat('/sys/module/m/refcnt')).to.equal('0\n');
  });

  it('/sys/module is there before any module', () => {
    expect(new ModuleBench().ls('/sys/module')).to.deep.equal([]);
  });

  it('unloading calls exit and sends remove last', async () => {
    const bench = new ModuleBench();
    let seen = '';
    await initModule(bench.kernel, {
      name: 'm',
      init,
      exit: async () => {
        seen = `${await bench.cat('/sys/module/m/initstate')}${await bench.cat('/sys/module/m/refcnt')}`;
      },
    });
    bench.taken();
    await deleteModule(bench.kernel, 'm');
    expect(seen).to.equal('going\n-1\n');
    expect(bench.taken()).to.deep.equal(['remove /module/m module']);
    expect(bench.ls('/sys/module')).to.deep.equal([]);
    expect(findModule(bench.kernel, 'm')).to.equal(null);
  });

  it('a write to its uevent file makes an event, garbage is EINVAL', async () => {
    const bench = new ModuleBench();
    await initModule(bench.kernel, { name: 'm' });
    bench.taken();
    await bench.kernel.fs.writeFile('/sys/module/m/uevent', 'change\n');
    expect(bench.taken()).to.deep.equal(['change /module/m module']);
    expect(await errorOf(() => bench.kernel.fs.writeFile('/sys/module/m/uevent', 'x'))).to.include({ code: 'EINVAL' });
  });

  describe('refusals', () => {
    it('a module that is loaded is EEXIST, as insmod prints it', async () => {
      const { kernel } = new ModuleBench();
      const first = await initModule(kernel, { name: 'm' });
      const refused = await errorOf(() => initModule(kernel, { name: 'm' }));
      expect(refused).to.include({ code: 'EEXIST', syscall: 'init_module', path: 'm' });
      expect(findModule(kernel, 'm')).to.equal(first);
    });

    it('who loads it a second time while it comes waits for the first: EEXIST, or EBUSY when that failed', async () => {
      for (const [result, code] of [
        [0, 'EEXIST'],
        [-5, 'EBUSY'],
      ] as const) {
        const { kernel, world } = new ModuleBench();
        const def: ModuleDef = {
          name: 'm',
          init: async () => {
            await world.sleep(10);
            return result;
          },
        };
        const codes: string[] = [];
        const load = async (): Promise<void> => {
          try {
            await initModule(kernel, def);
            codes.push('loaded');
          } catch (error) {
            codes.push((error as ErrnoError).code);
          }
        };
        const [one, two] = [world.spawn(load), world.spawn(load)];
        await one;
        await two;
        expect(codes).to.deep.equal([result === 0 ? 'loaded' : 'EIO', code]);
      }
    });

    for (const [how, failing] of [
      ['returns', () => -5],
      [
        'throws',
        () => {
          throw new ErrnoError('EIO');
        },
      ],
    ] as const) {
      it(`what init ${how} is the error, nothing is left and no event was sent`, async () => {
        const bench = new ModuleBench();
        expect(await errorOf(() => initModule(bench.kernel, { name: 'm', init: failing }))).to.include({ code: 'EIO' });
        expect(bench.ls('/sys/module')).to.deep.equal([]);
        expect(bench.taken()).to.deep.equal([]);
        expect(loadedModules(bench.kernel)).to.deep.equal([]);
        await initModule(bench.kernel, { name: 'm' });
      });
    }

    it('a positive result of init is warned of and means loaded', async () => {
      const { kernel } = new ModuleBench();
      expect((await initModule(kernel, { name: 'm', init: () => 3 })).state).to.equal('live');
      expect(kernel.log.entries.map(({ text }) => text).join()).to.contain("'m'->init suspiciously returned 3");
    });

    it('an oops in init leaves it coming for ever: it can be neither unloaded nor loaded', async () => {
      const { kernel, world } = new ModuleBench();
      const bug = new Error('bug');
      expect(
        await errorOf(() =>
          initModule(kernel, {
            name: 'm',
            init: () => {
              throw bug;
            },
            exit,
          }),
        ),
      ).to.equal(bug);
      expect(world.oopses.map(({ where }) => where)).to.deep.equal(['do_init_module: m']);
      expect(findModule(kernel, 'm')?.state).to.equal('coming');
      expect(await errorOf(() => deleteModule(kernel, 'm'))).to.include({ code: 'EBUSY' });
      expect(await errorOf(() => initModule(kernel, { name: 'm' }))).to.have.property('name', 'HungTask');
    });

    it('unloading what is not loaded is ENOENT, a module without exit EBUSY, one that is held EAGAIN', async () => {
      const { kernel } = new ModuleBench();
      expect(await errorOf(() => deleteModule(kernel, 'm'))).to.include({ code: 'ENOENT', syscall: 'delete_module' });
      await initModule(kernel, { name: 'stays', init });
      expect(await errorOf(() => deleteModule(kernel, 'stays'))).to.include({ code: 'EBUSY' });
      const held = await initModule(kernel, { name: 'held', init, exit });
      expect(held.tryGet()).to.equal(true);
      expect(await errorOf(() => deleteModule(kernel, 'held'))).to.include({ code: 'EAGAIN' });
      expect(held.state).to.equal('live');
      held.modulePut();
      await deleteModule(kernel, 'held');
      expect(held.tryGet()).to.equal(false);
    });

    it('an empty name is EINVAL', async () => {
      expect(await errorOf(() => initModule(new ModuleBench().kernel, { name: '' }))).to.include({ code: 'EINVAL' });
    });

    it('a put that nobody has got is warned of', async () => {
      const { kernel } = new ModuleBench();
      (await initModule(kernel, { name: 'm' })).modulePut();
      expect(kernel.warnings).to.equal(1);
      expect(findModule(kernel, 'm')?.refcnt).to.equal(0);
    });
  });

  describe('dependencies', () => {
    const ring: ModuleDef = { name: 'virtio_ring' };
    const pci: ModuleDef = { name: 'virtio_pci', depends: ['virtio_ring'] };

    it('a module that is used shows its holders and cannot be unloaded before them: EAGAIN', async () => {
      const bench = new ModuleBench();
      const used = await initModule(bench.kernel, ring);
      await initModule(bench.kernel, pci);
      expect(bench.ls('/sys/module/virtio_ring/holders')).to.deep.equal(['virtio_pci']);
      expect(bench.kernel.sysfs.readlink('/sys/module/virtio_ring/holders/virtio_pci')).to.equal('../../virtio_pci');
      expect(used.refcnt).to.equal(1);
      expect(await errorOf(() => deleteModule(bench.kernel, 'virtio_ring'))).to.include({ code: 'EAGAIN' });
      await deleteModule(bench.kernel, 'virtio_pci');
      expect(used.refcnt).to.equal(0);
      expect(bench.ls('/sys/module/virtio_ring/holders')).to.deep.equal([]);
      await deleteModule(bench.kernel, 'virtio_ring');
      expect(loadedModules(bench.kernel)).to.deep.equal([]);
    });

    it('one that is not loaded is ENOENT, and what was taken before it is given back', async () => {
      const bench = new ModuleBench();
      const used = await initModule(bench.kernel, ring);
      const def = { name: 'm', depends: ['virtio_ring', 'absent'] };
      expect(await errorOf(() => initModule(bench.kernel, def))).to.include({ code: 'ENOENT', path: 'm' });
      expect(used.refcnt).to.equal(0);
      expect(used.users).to.deep.equal([]);
      expect(bench.ls('/sys/module')).to.deep.equal(['virtio_ring']);
    });

    it('one that is just being loaded is waited for', async () => {
      const { kernel, world } = new ModuleBench();
      const order: string[] = [];
      const slow = {
        ...ring,
        init: async () => {
          await world.sleep(10);
          order.push('ring');
        },
      };
      const first = world.spawn(() => initModule(kernel, slow));
      await world.spawn(() => initModule(kernel, { ...pci, init: () => void order.push('pci') }));
      await first;
      expect(order).to.deep.equal(['ring', 'pci']);
    });

    it('modules are listed as /proc/modules lists them, the last first', async () => {
      const { kernel } = new ModuleBench();
      await initModule(kernel, ring);
      await initModule(kernel, pci);
      expect(loadedModules(kernel).map(({ def }: Module) => def.name)).to.deep.equal(['virtio_pci', 'virtio_ring']);
    });
  });

  it('one definition is loaded in two kernels, each with its own data', async () => {
    const def: ModuleDef = {
      name: 'm',
      init: (kernel, module) => {
        module.data = kernel;
      },
    };
    const [one, two] = [new ModuleBench(), new ModuleBench()];
    await initModule(one.kernel, def);
    await initModule(two.kernel, def);
    expect(findModule(one.kernel, 'm')?.data).to.equal(one.kernel);
    expect(findModule(two.kernel, 'm')?.data).to.equal(two.kernel);
  });
});
