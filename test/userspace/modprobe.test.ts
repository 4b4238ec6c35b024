import { expect } from 'chai';
import { initModule, loadedModules, modprobe, ModuleIndex, type Kernel, type ModuleDef } from '../../lib';
import { ModuleBench } from '../module/support';
import { errorOf } from '../support/errors';

const names = (kernel: Kernel): string[] =>
  loadedModules(kernel)
    .map(({ def }) => def.name)
    .reverse();

describe('modules of a disk', () => {
  const defs: readonly ModuleDef[] = [
    { name: 'virtio_net', aliases: ['virtio:d00000001v*'], depends: ['net_failover'] },
    { name: 'net_failover', depends: ['failover'] },
    { name: 'failover' },
    { name: 'stub', aliases: ['virtio:*'] },
    { name: 'dashed', aliases: ['of:N*T*Ca-b', 'amba:d[0-9]-'] },
  ];

  it('are found by name, dashes and underscores being alike', () => {
    const index = new ModuleIndex(defs);
    expect(index.lookup('net-failover').map(({ name }) => name)).to.deep.equal(['net_failover']);
    expect(index.lookup('nothing')).to.deep.equal([]);
  });

  it('are found by a text: all whose patterns match, in their order', () => {
    const index = new ModuleIndex(defs);
    const found = (text: string): string[] => index.lookup(text).map(({ name }) => name);
    expect(found('virtio:d00000001v00001AF4')).to.deep.equal(['virtio_net', 'stub']);
    expect(found('virtio:d00000002v00001AF4')).to.deep.equal(['stub']);
    expect(found('of:Na-bT(null)Ca-b')).to.deep.equal(['dashed']);
    expect(found('amba:d7-')).to.deep.equal(['dashed']);
    expect(found('amba:d--')).to.deep.equal([]);
  });

  it('a text whose brackets do not belong together is EINVAL', async () => {
    const { kernel } = new ModuleBench();
    for (const text of ['a]', 'a[b'])
      expect(await errorOf(() => modprobe(kernel, new ModuleIndex(defs), text))).to.include({ code: 'EINVAL' });
  });

  it('are listed as in modules.alias', () => {
    expect(new ModuleIndex(defs).aliasText()).to.equal(
      [
        '# Aliases extracted from modules themselves.',
        'alias virtio:d00000001v* virtio_net',
        'alias virtio:* stub',
        'alias of:N*T*Ca_b dashed',
        'alias amba:d[0-9]_ dashed',
        '',
      ].join('\n'),
    );
  });

  it('a second one of the same name is EEXIST', () => {
    expect(() => new ModuleIndex([{ name: 'm' }, { name: 'm' }]))
      .to.throw()
      .with.property('code', 'EEXIST');
  });

  describe('modprobe', () => {
    it('loads what is needed first', async () => {
      const { kernel } = new ModuleBench();
      expect(await modprobe(kernel, new ModuleIndex(defs), 'virtio_net')).to.deep.equal([
        'failover',
        'net_failover',
        'virtio_net',
      ]);
      expect(names(kernel)).to.deep.equal(['failover', 'net_failover', 'virtio_net']);
    });

    it('leaves alone what is loaded, and that is no error', async () => {
      const { kernel } = new ModuleBench();
      await initModule(kernel, defs[2] as ModuleDef);
      expect(await modprobe(kernel, new ModuleIndex(defs), 'net_failover')).to.deep.equal(['net_failover']);
      expect(await modprobe(kernel, new ModuleIndex(defs), 'net_failover')).to.deep.equal([]);
    });

    it('a text that no module is for is ENOENT', async () => {
      const { kernel } = new ModuleBench();
      expect(await errorOf(() => modprobe(kernel, new ModuleIndex(defs), 'ps3:1:0'))).to.include({
        code: 'ENOENT',
        path: 'ps3:1:0',
      });
    });

    it('when one of several will not load, the others are loaded, and its refusal is the error', async () => {
      const { kernel } = new ModuleBench();
      const index = new ModuleIndex([
        { name: 'bad', aliases: ['x*'], init: () => -19 },
        { name: 'good', aliases: ['x:1'] },
      ]);
      expect(await errorOf(() => modprobe(kernel, index, 'x:1'))).to.include({ code: 'ENODEV', path: 'bad' });
      expect(names(kernel)).to.deep.equal(['good']);
    });

    it('what is needed and missing is ENOENT, what needs itself is ELOOP; nothing is loaded', async () => {
      const { kernel } = new ModuleBench();
      const index = new ModuleIndex([
        { name: 'a', depends: ['b'] },
        { name: 'b', depends: ['a'] },
        { name: 'c', depends: ['absent'] },
      ]);
      expect(await errorOf(() => modprobe(kernel, index, 'a'))).to.include({ code: 'ELOOP' });
      expect(await errorOf(() => modprobe(kernel, index, 'c'))).to.include({ code: 'ENOENT', path: 'absent' });
      expect(names(kernel)).to.deep.equal([]);
    });

    it('an oops in an init is passed on', async () => {
      const { kernel } = new ModuleBench();
      const bug = new Error('bug');
      expect(
        await errorOf(() =>
          modprobe(
            kernel,
            new ModuleIndex([
              {
                name: 'm',
                init: () => {
                  throw bug;
                },
              },
            ]),
            'm',
          ),
        ),
      ).to.equal(bug);
    });
  });
});
