import { expect } from 'chai';
import fc from 'fast-check';
import { CLIENT, cString, flattenDeviceTree, PROM_ERROR, readFdt, type FdtNode } from '../../buses/of-tree';
import type { Crossing, HypercallResult, Port } from '../../lib/hypervisor';
import { OfMachine } from './support';

/** Raw client calls of one guest. */
class Client {
  constructor(readonly port: Port) {}

  call(nr: number, ...args: Crossing[]): readonly Crossing[] {
    return this.port.hypercall(nr, args).values;
  }

  number(nr: number, ...args: Crossing[]): number {
    return Number(this.call(nr, ...args)[0]);
  }

  text(nr: number, ...args: Crossing[]): string {
    return Buffer.from(this.call(nr, ...args)[1] as Uint8Array)
      .toString('latin1')
      .replace(/\0$/, '');
  }
}

/** A port whose client calls a test answers. */
function lyingPort(answer: (nr: number, args: readonly Crossing[]) => readonly Crossing[]): Port {
  const hypercall = (nr: number, args: readonly Crossing[]): HypercallResult => ({
    status: 0,
    values: answer(nr, args),
  });
  return { hypercall } as unknown as Port;
}

/** What flattening a firmware that answers so is refused with. */
function refusal(answer: (nr: number, args: readonly Crossing[]) => readonly Crossing[]): string {
  try {
    flattenDeviceTree(lyingPort(answer));
    return 'nothing was refused';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('the client interface of open firmware', () => {
  let rig: OfMachine;
  let client: Client;

  beforeEach(() => {
    rig = new OfMachine({ slots: 3 });
    client = new Client(rig.guest.port);
  });

  const childrenOf = (parent: number): number[] => {
    const found = [];
    for (let at = client.number(CLIENT.CHILD, parent); at !== 0; at = client.number(CLIENT.PEER, at)) found.push(at);
    return found;
  };

  it('peer of 0 is the root; child and peer go through all nodes in the order of the tree', () => {
    const root = client.number(CLIENT.PEER, 0);
    const paths = childrenOf(root).map((at) => client.text(CLIENT.PACKAGE_TO_PATH, at));
    expect(client.text(CLIENT.PACKAGE_TO_PATH, root)).to.equal('/');
    expect(client.number(CLIENT.PEER, root)).to.equal(0);
    expect(client.number(CLIENT.PARENT, root)).to.equal(0);
    expect(paths).to.deep.equal([
      '/intc@8000000',
      '/event-sources',
      '/virtio_mmio@a000000',
      '/virtio_mmio@a000200',
      '/virtio_mmio@a000400',
      '/chosen',
    ]);
    expect(client.number(CLIENT.PARENT, childrenOf(root)[3] ?? 0)).to.equal(root);
  });

  it('gives the same handles again: a name claims nothing', () => {
    const root = client.number(CLIENT.PEER, 0);
    expect(childrenOf(root)).to.deep.equal(childrenOf(root));
    expect(rig.hv.claims.list()).to.deep.equal([]);
  });

  it('nextprop goes through the properties, from the empty name to 0', () => {
    const slot = client.number(CLIENT.FINDDEVICE, cString('/virtio_mmio@a000200'));
    const names = [];
    let name = '';
    while (client.number(CLIENT.NEXTPROP, slot, cString(name)) === 1)
      names.push((name = client.text(CLIENT.NEXTPROP, slot, cString(name))));
    expect(names).to.deep.equal(['dma-coherent', 'interrupts', 'reg', 'compatible']);
    expect(client.number(CLIENT.NEXTPROP, slot, cString('nosuch'))).to.equal(PROM_ERROR);
  });

  it('getprop gives the length of the property and as many bytes as were asked for', () => {
    const slot = client.number(CLIENT.FINDDEVICE, cString('/virtio_mmio@a000200'));
    expect(client.number(CLIENT.GETPROPLEN, slot, cString('reg'))).to.equal(16);
    const [length, bytes] = client.call(CLIENT.GETPROP, slot, cString('compatible'), 6);
    expect(length).to.equal(12);
    expect(Buffer.from(bytes as Uint8Array).toString()).to.equal('virtio');
    expect(client.number(CLIENT.GETPROPLEN, slot, cString('dma-coherent'))).to.equal(0);
    expect(client.number(CLIENT.GETPROPLEN, slot, cString('nosuch'))).to.equal(PROM_ERROR);
    expect(client.number(CLIENT.GETPROP, slot, cString('nosuch'), 4)).to.equal(PROM_ERROR);
  });

  it('finddevice gives PROM_ERROR for a path that is not there', () => {
    expect(client.number(CLIENT.FINDDEVICE, cString('/nosuch'))).to.equal(PROM_ERROR);
    expect(client.number(CLIENT.FINDDEVICE, cString('/'))).to.equal(client.number(CLIENT.PEER, 0));
  });

  it('refuses a handle that nobody has, and says so in the log', () => {
    expect(rig.guest.port.hypercall(CLIENT.CHILD, [0xdead]).status).to.equal(-22);
    expect(rig.refusals).to.deep.equal(['guest g1: there is no package 57005']);
  });

  it('whatever a guest passes, each call gives an answer', () => {
    const arg = fc.oneof(fc.integer(), fc.bigInt(), fc.uint8Array({ maxLength: 9 }));
    fc.assert(
      fc.property(
        fc.integer({
          min: CLIENT.PEER,
          max: CLIENT.FINDDEVICE,
        }),
        fc.array(arg, { maxLength: 4 }),
        (nr, args) => {
          const { status } = rig.guest.port.hypercall(nr, args);
          expect([0, -22]).to.include(status);
        },
      ),
    );
    expect(rig.hv.log.errors).to.deep.equal([]);
  });

  it('flattens to the tree that the firmware has, each node with its handle', () => {
    const { root } = readFdt(flattenDeviceTree(rig.guest.port));
    const slot = root.children.find(({ name }: FdtNode) => name === 'virtio_mmio@a000200');
    expect(slot?.properties.map(({ name }) => name)).to.deep.equal([
      'dma-coherent',
      'interrupts',
      'reg',
      'compatible',
      'phandle',
    ]);
    const handles = root.children.map(({ properties }) =>
      Buffer.from(properties.find(({ name }) => name === 'phandle')?.value ?? []).toString('hex'),
    );
    expect(new Set(handles).size).to.equal(root.children.length);
  });

  it('a guest without such a firmware is told ENOSYS', () => {
    const flattened = OfMachine.recorded();
    expect(flattened.guest.port.hypercall(CLIENT.PEER, [0]).status).to.equal(-38);
  });
});

describe('a firmware that lies is refused with the path', () => {
  const path = new TextEncoder().encode('/x');
  const node = (
    nr: number,
    args: readonly Crossing[],
    more: Readonly<Record<number, readonly Crossing[]>>,
  ): readonly Crossing[] => {
    if (nr === CLIENT.PEER && args[0] === 0) return [1];
    return more[nr] ?? (nr === CLIENT.PACKAGE_TO_PATH ? [2, path] : [0]);
  };

  it('a ring of peers', () => {
    expect(
      refusal((nr, args) =>
        node(nr, args, { [CLIENT.CHILD]: args[0] === 1 ? [2] : [0], [CLIENT.PEER]: args[0] === 2 ? [3] : [2] }),
      ),
    ).to.match(/EINVAL.*node \/x: handle 0x2 comes twice/);
  });

  it('a node that is its own child', () => {
    expect(refusal((nr, args) => node(nr, args, { [CLIENT.CHILD]: [1] }))).to.match(/node \/x: handle 0x1 comes twice/);
  });

  it('a tree without bottom', () => {
    expect(refusal((nr, args) => node(nr, args, { [CLIENT.CHILD]: [Number(args[0]) + 1] }))).to.match(/deeper than 64/);
  });

  it('children without end', () => {
    const answer = refusal((nr, args) =>
      node(nr, args, { [CLIENT.CHILD]: args[0] === 1 ? [2] : [0], [CLIENT.PEER]: [Number(args[0]) + 1] }),
    );
    expect(answer).to.match(/more than 16384 nodes/);
  });

  it('properties without end', () => {
    expect(
      refusal((nr, args) => node(nr, args, { [CLIENT.NEXTPROP]: [1, cString('p')], [CLIENT.GETPROPLEN]: [0] })),
    ).to.match(/node \/: more than 4096 properties/);
  });

  it('a property of impossible length', () => {
    expect(
      refusal((nr, args) =>
        node(nr, args, { [CLIENT.NEXTPROP]: [1, cString('p')], [CLIENT.GETPROPLEN]: [0x7fffffff] }),
      ),
    ).to.match(/node \/: property p of 2147483647 bytes/);
  });

  it('up to the last that is believed, and not one further', () => {
    /** A firmware of one node with `count` properties of `length` bytes. */
    const one = (count: number, length: number): string => {
      let given = 0;
      return refusal((nr, args) =>
        node(nr, args, {
          [CLIENT.NEXTPROP]: nr === CLIENT.NEXTPROP && given++ < count ? [1, cString(`p${String(given)}`)] : [0],
          [CLIENT.GETPROPLEN]: [length],
          [CLIENT.GETPROP]: [length, new Uint8Array(Math.max(0, length))],
        }),
      );
    };
    const nothing = 'nothing was refused';
    expect(one(1, 1024 * 1024)).to.equal(nothing);
    expect(one(1, 1024 * 1024 + 1)).to.match(/property p1 of 1048577 bytes/);
    expect(one(1, 0)).to.equal(nothing);
    expect(one(1, -2)).to.match(/property p1 of -2 bytes/);
    expect(one(4096, 0)).to.equal(nothing);
    expect(one(4097, 0)).to.match(/more than 4096 properties/);
    /** A chain of `depth` nodes, the root among them. */
    const chain = (depth: number): string =>
      refusal((nr, args) => node(nr, args, { [CLIENT.CHILD]: [Number(args[0]) < depth ? Number(args[0]) + 1 : 0] }));
    expect(chain(64)).to.equal(nothing);
    expect(chain(65)).to.match(/deeper than 64/);
    /** A root with `count` children. */
    const many = (count: number): string =>
      refusal((nr, args) =>
        node(nr, args, {
          [CLIENT.CHILD]: args[0] === 1 && count > 0 ? [2] : [0],
          [CLIENT.PEER]: [Number(args[0]) <= count ? Number(args[0]) + 1 : 0],
        }),
      );
    expect(many(16383)).to.equal(nothing);
    expect(many(16384)).to.match(/more than 16384 nodes/);
  });

  it('no root, a negative handle, no number at all', () => {
    expect(refusal(() => [0])).to.match(/node \/: has no handle/);
    expect(refusal(() => [-1])).to.match(/node \/: has no handle/);
    expect(refusal(() => [])).to.match(/client call gave no number/);
  });
});
