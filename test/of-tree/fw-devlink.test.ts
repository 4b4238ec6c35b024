import { expect } from 'chai';
import {
  ofDetachNode,
  ofFindNodeByPath,
  ofPlatformDefaultPopulate,
  ofPlatformPopulate,
  platformBus,
  registerPlatformBus,
  unflattenDeviceTree,
  writeFdt,
  type DeviceNode,
  type FdtNode,
  type PlatformDevice,
  type PlatformDriver,
} from '../../buses/of-tree';
import { Kernel, type KernelOptions } from '../../lib/base/kernel';
import { why } from '../../lib/base/why';
import { World } from '../../lib/world';
import { node, type Value } from './support';

const DEVICES = '/sys/bus/platform/devices';

class Board {
  readonly probed: string[] = [];

  private constructor(readonly kernel: Kernel) {}

  static async of(nodes: readonly FdtNode[], options: KernelOptions = { booting: true }): Promise<Board> {
    const board = new Board(new Kernel(new World(), options));
    await registerPlatformBus(board.kernel);
    unflattenDeviceTree(board.kernel, writeFdt({ root: node('', { compatible: 'board' }, nodes) }));
    await ofPlatformDefaultPopulate(board.kernel);
    return board;
  }

  async load(...compatibles: readonly string[]): Promise<void> {
    for (const compatible of compatibles) await this.kernel.registerDriver(this.driver(compatible));
    await this.kernel.world.settle();
  }

  driver(compatible: string, over: Partial<PlatformDriver> = {}): PlatformDriver {
    const probe = (dev: PlatformDevice): void => void this.probed.push(String(dev.name));
    return { name: compatible, bus: platformBus, ofMatchTable: [{ compatible }], probe, ...over };
  }

  /** Devices with a device link to a supplier, as `consumer supplier`. */
  async links(): Promise<string[]> {
    const names = await this.kernel.fs.readdir('/sys/class/devlink');
    return names.map((name) => name.replaceAll('platform:', '').split('--').reverse().join(' ')).sort();
  }

  waiting(name: string): Promise<string> {
    return this.kernel.fs.readFile(`${DEVICES}/${name}/waiting_for_supplier`);
  }

  at(path: string): DeviceNode {
    const found = ofFindNodeByPath(this.kernel, path);
    if (found === null) throw new Error(`no node ${path}`);
    return found;
  }

  get log(): string[] {
    return this.kernel.log.entries.map(({ text }) => text);
  }
}

const device = (
  name: string,
  properties: Readonly<Record<string, Value>> = {},
  children: readonly FdtNode[] = [],
): FdtNode => node(name, { compatible: name, ...properties }, children);
const clock = device('clock', { phandle: [1], '#clock-cells': [0] });
const user = device('user', { clocks: [1] });

describe('fw_devlink: devices wait for the suppliers that their nodes name', () => {
  it('until those are bound, whatever comes first', async () => {
    const board = await Board.of([user, clock]);
    expect(await board.links()).to.deep.equal(['user clock']);
    await board.load('user');
    expect(board.probed).to.deep.equal([]);
    expect(board.kernel.deferred.lines()).to.deep.equal(['user\tplatform: supplier clock not ready']);
    await board.kernel.lateInitcall();
    expect(board.probed).to.deep.equal(['user']);
  });

  it('and are probed when the supplier has its driver', async () => {
    const board = await Board.of([user, clock], { booting: true });
    await board.load('user', 'clock');
    await board.kernel.lateInitcall();
    expect(board.probed).to.deep.equal(['clock', 'user']);
    expect(await board.kernel.fs.readFile('/sys/class/devlink/platform:clock--platform:user/status')).to.equal(
      'active\n',
    );
  });

  it('a supplier that is no device is waited for, and the file waiting_for_supplier tells it', async () => {
    const board = await Board.of([user, node('clock', { phandle: [1], '#clock-cells': [0] })]);
    expect(await board.waiting('user')).to.equal('1\n');
    await board.load('user');
    await board.kernel.lateInitcall();
    expect(board.probed).to.deep.equal([]);
    expect(board.kernel.deferred.lines()).to.deep.equal(['user\tplatform: wait for supplier clock']);
  });

  it('`why` names the node that is waited for', async () => {
    const board = await Board.of([user, node('clock', { phandle: [1], '#clock-cells': [0] })]);
    const driver = await board.kernel.registerDriver(board.driver('user'));
    const dev = board.kernel.busOf(platformBus)?.findDevice('user');
    if (dev == null) throw new Error('no device');
    expect(why(dev, driver).rules.find(({ allows }) => allows === false)?.details).to.deep.equal([
      'the firmware names /clock as a supplier, of which no device was made',
    ]);
  });

  it('the file is there while the device has no driver', async () => {
    const board = await Board.of([user, clock]);
    expect(await board.waiting('user')).to.equal('0\n');
    expect(await board.waiting('clock')).to.equal('0\n');
    await board.load('clock');
    expect(await board.kernel.fs.readdir(`${DEVICES}/clock`)).to.not.include('waiting_for_supplier');
  });

  it('at the end of boot nobody waits for a device without a driver', async () => {
    const board = await Board.of([user, clock]);
    await board.load('user');
    await board.kernel.lateInitcall();
    expect(board.probed).to.deep.equal(['user']);
    expect(await board.links()).to.deep.equal([]);
  });

  it('after boot a device that comes and has no driver holds up nobody', async () => {
    const board = await Board.of([device('top', {}, [clock]), user], {});
    await board.load('user');
    expect(board.kernel.deferred.lines()).to.deep.equal(['user\tplatform: wait for supplier clock']);
    await ofPlatformPopulate(board.at('/top'));
    expect(await board.links()).to.deep.equal(['user top:clock']);
    await board.kernel.triggerDeferredProbe();
    await board.kernel.world.settle();
    expect(board.probed).to.deep.equal(['user']);
  });
});

describe('fw_devlink: which nodes are suppliers', () => {
  const target = (extra: Readonly<Record<string, Value>> = {}): FdtNode =>
    device('sup', {
      phandle: [1],
      ...Object.fromEntries(
        [
          'clock',
          'interconnect',
          'mbox',
          'io-channel',
          'power-domain',
          'hwlock',
          'phy',
          'pwm',
          'reset',
          'gpio',
          'dma',
          'iommu',
          'interrupt',
        ].map((kind) => [`#${kind}-cells`, [1]]),
      ),
      'interrupt-controller': [],
      ...extra,
    });
  const linked = async (properties: Readonly<Record<string, Value>>): Promise<boolean> =>
    (await (await Board.of([target(), device('con', properties)])).links()).includes('con sup');

  const cells = [
    'clocks',
    'interconnects',
    'mboxes',
    'io-channels',
    'power-domains',
    'hwlocks',
    'phys',
    'pwms',
    'resets',
    'gpio',
    'gpios',
    'reset-gpio',
    'cs-gpios',
    'interrupts-extended',
  ];
  for (const name of cells) it(name, async () => expect(await linked({ [name]: [1, 7] })).to.equal(true));

  const bare = [
    'interrupt-parent',
    'extcon',
    'nvmem-cells',
    'wakeup-parent',
    'leds',
    'backlight',
    'panel',
    'pinctrl-0',
    'pinctrl-8',
    'vdd-supply',
  ];
  for (const name of bare) it(name, async () => expect(await linked({ [name]: [1] })).to.equal(true));

  it('interrupts, by way of the parent', async () => {
    expect(await linked({ 'interrupt-parent': [1], interrupts: [4] })).to.equal(true);
  });

  const none: readonly (readonly [string, Readonly<Record<string, Value>>])[] = [
    ['iommus and dmas, which may be missing', { iommus: [1, 2], dmas: [1, 2] }],
    ['a suffix without a name before it', { '-supply': [1], '-gpios': [1, 2] }],
    ['nr-gpios of a vendor', { 'x,nr-gpios': [1, 7] }],
    ['the gpios of a hog', { 'gpio-hog': [], gpios: [1, 2] }],
    ['pinctrl beyond 8', { 'pinctrl-9': [1] }],
    ['a list that begins with an empty entry', { clocks: [0, 1, 7] }],
    ['a list that is too short', { clocks: [1] }],
    ['a handle that nobody has', { clocks: [9, 7] }],
  ];
  for (const [title, properties] of none) {
    it(`not: ${title}`, async () => expect(await linked(properties)).to.equal(false));
  }

  it('not: one that is off, or is below one that is off', async () => {
    for (const nodes of [[target({ status: 'disabled' })], [node('off', { status: 'disabled' }, [target()])]]) {
      const board = await Board.of([...nodes, device('con', { clocks: [1, 7] })]);
      expect(await board.waiting('con')).to.equal('0\n');
    }
  });

  it('the other end of a connection, of the node that has the ports', async () => {
    const end = (phandle: number, to: number): FdtNode =>
      node('port', {}, [node('endpoint', { phandle: [phandle], 'remote-endpoint': [to] })]);
    const board = await Board.of([
      device('camera', {}, [end(5, 6)]),
      device('isp', {}, [node('ports', {}, [end(6, 5)])]),
    ]);
    expect(await board.links()).to.deep.equal(['camera isp', 'isp camera']);
    await board.load('camera', 'isp');
    expect(board.probed).to.deep.equal(['camera', 'isp']);
  });
});

describe('fw_devlink: what is no plain dependence', () => {
  it('of a ring nobody waits, and the log tells it', async () => {
    const board = await Board.of([
      device('a', { phandle: [1], '#clock-cells': [0], clocks: [2] }),
      device('b', { phandle: [2], '#clock-cells': [0], clocks: [1] }),
    ]);
    await board.load('a', 'b');
    expect(board.probed).to.deep.equal(['a', 'b']);
    expect(board.log.filter((text) => text.includes('Fixed dependency cycle'))).to.have.length.greaterThan(0);
  });

  it('a device that depends on its own child does not wait for it', async () => {
    const child = node('child', { compatible: 'child', phandle: [1], '#clock-cells': [0] });
    const board = await Board.of([node('top', { compatible: ['top', 'simple-bus'], clocks: [1] }, [child])]);
    await board.load('top');
    expect(board.probed).to.deep.equal(['top']);
  });

  it('a bound device stands for the nodes below it that are no devices', async () => {
    const inner = node('inner', { phandle: [1], '#clock-cells': [0] });
    const board = await Board.of([user, device('top', {}, [inner])]);
    expect(await board.waiting('user')).to.equal('1\n');
    await board.load('user', 'top');
    await board.kernel.lateInitcall();
    expect(board.probed).to.deep.equal(['top', 'user']);
    expect(await board.links()).to.deep.equal(['user top']);
  });

  it('a consumer that is no device yet is stood for: its supplier hears late that all are bound', async () => {
    const told: string[] = [];
    const board = await Board.of([clock, device('top', {}, [user])], {});
    const syncState = (): void => void told.push(`sync_state after ${board.probed.join(' ')}`);
    await board.kernel.registerDriver(board.driver('clock', { syncState }));
    expect(told).to.deep.equal([]);
    await board.load('top');
    expect(told).to.deep.equal(['sync_state after clock top']);
  });

  it('the console tries without its suppliers, and waits when it cannot', async () => {
    const chosen = node('chosen', { 'stdout-path': '/user:115200' });
    let ready = false;
    const board = await Board.of([user, node('clock', { phandle: [1], '#clock-cells': [0] }), chosen]);
    await board.kernel.registerDriver(board.driver('user', { probe: () => (ready ? 0 : -5) }));
    expect(board.kernel.deferred.lines().map((line) => line.split('\t')[0])).to.deep.equal(['user']);
    ready = true;
    await board.kernel.lateInitcall();
    expect(board.kernel.busOf(platformBus)?.findDevice('user')?.isBound).to.equal(true);
  });
});

describe('fw_devlink: modes and bounds', () => {
  it('off: no links, no file', async () => {
    const board = await Board.of([user, clock], { booting: true, fwDevlink: 'off' });
    await board.load('user');
    expect(board.probed).to.deep.equal(['user']);
    expect(await board.links()).to.deep.equal([]);
    expect(await board.kernel.fs.readdir(`${DEVICES}/clock`)).to.not.include('waiting_for_supplier');
  });

  it('permissive: links that hold up nobody', async () => {
    const board = await Board.of([user, clock], { booting: true, fwDevlink: 'permissive' });
    expect(await board.links()).to.deep.equal(['user clock']);
    await board.load('user');
    expect(board.probed).to.deep.equal(['user']);
    expect(await board.links()).to.deep.equal([]);
  });

  it('a node that leaves takes its links along', async () => {
    const board = await Board.of([user, node('clock', { phandle: [1], '#clock-cells': [0] })]);
    await ofDetachNode(board.at('/clock'));
    expect(await board.waiting('user')).to.equal('0\n');
  });

  it('very many ways through a tree of suppliers do not take for ever', async () => {
    const levels = Array.from({ length: 40 }, (_, level) =>
      [0, 1].map((side) =>
        node(`n${String(level)}${'ab'[side] ?? ''}`, {
          compatible: 'x',
          phandle: [2 * level + side + 1],
          '#clock-cells': [0],
          clocks: level === 0 ? [] : [2 * level - 1, 2 * level],
        }),
      ),
    ).flat();
    const board = await Board.of(levels.reverse());
    expect(await board.links()).to.have.length(78 * 2);
  });
});
