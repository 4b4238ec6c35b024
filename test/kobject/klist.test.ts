import { expect } from 'chai';
import fc from 'fast-check';
import { Klist, World, type KlistNode } from '../../lib';

describe('KO-15 klist', () => {
  function listOf(text: string): { list: Klist<string>; nodes: Map<string, KlistNode<string>> } {
    const list = new Klist<string>();
    return { list, nodes: new Map(Array.from(text, (item) => [item, list.addTail(item)])) };
  }

  it('keeps the order of adding', () => {
    const { list, nodes } = listOf('ab');
    list.addBefore('0', nodes.get('a')!);
    list.addBehind('x', nodes.get('a')!);
    expect([...list].join('')).to.equal('0axb');
    expect([...list.reversed()].join('')).to.equal('bxa0');
    expect(list.first()).to.equal('0');
    expect(list.last()).to.equal('b');
    expect(list.length).to.equal(4);
  });

  it('an item that is deleted while the iterator stands on it does not end the walk', () => {
    const { list, nodes } = listOf('abc');
    const seen: string[] = [];
    for (const item of list) {
      seen.push(item);
      if (item === 'b') list.del(nodes.get('b')!);
    }
    expect(seen.join('')).to.equal('abc');
    expect([...list].join('')).to.equal('ac');
  });

  it('an item that is deleted ahead is skipped, one that is added ahead is seen', () => {
    const { list, nodes } = listOf('abc');
    const seen: string[] = [];
    for (const item of list) {
      seen.push(item);
      if (item !== 'a') continue;
      list.del(nodes.get('b')!);
      list.addTail('d');
    }
    expect(seen.join('')).to.equal('acd');
  });

  it('all may be deleted during the walk', () => {
    const { list, nodes } = listOf('abcd');
    const seen: string[] = [];
    for (const item of list) {
      seen.push(item);
      for (const node of nodes.values()) list.del(node);
    }
    expect(seen.join('')).to.equal('a');
    expect(list.isEmpty).to.equal(true);
  });

  it('deleting twice counts once', () => {
    const { list, nodes } = listOf('ab');
    list.del(nodes.get('a')!);
    list.del(nodes.get('a')!);
    expect(list.length).to.equal(1);
  });

  it('holds the owner from adding until the last iterator has left the deleted node', () => {
    const held: string[] = [];
    const list = new Klist<string>({
      get: (item) => held.push(`get ${item}`),
      put: (item) => held.push(`put ${item}`),
    });
    const node = list.addTail('a');
    const walk = list[Symbol.iterator]();
    walk.next();
    list.del(node);
    expect(held).to.deep.equal(['get a']);
    expect(walk.next().done).to.equal(true);
    expect(held).to.deep.equal(['get a', 'put a']);
  });

  it('a walk that is left early leaves its node', () => {
    const held: string[] = [];
    const list = new Klist<string>({ get: () => undefined, put: (item) => held.push(item) });
    const node = list.addTail('a');
    const [first] = list;
    expect(first).to.equal('a');
    list.del(node);
    expect(held).to.deep.equal(['a']);
  });

  it('remove waits until the last iterator has left', async () => {
    const world = new World();
    const { list, nodes } = listOf('ab');
    const walk = list[Symbol.iterator]();
    walk.next();
    let removed = false;
    world.spawn(async () => {
      await list.remove(nodes.get('a')!, world, 'a');
      removed = true;
    });
    await world.settle();
    expect(removed).to.equal(false);
    expect([...list].join('')).to.equal('b');
    walk.next();
    await world.settle();
    expect(removed).to.equal(true);
  });

  it('a walk can begin behind an item; behind one that is gone it begins at the head', () => {
    const { list, nodes } = listOf('abc');
    expect([...list.after(nodes.get('a')!)].join('')).to.equal('bc');
    list.del(nodes.get('b')!);
    expect([...list.after(nodes.get('b')!)].join('')).to.equal('ac');
  });

  it('behaves as an array does (property)', () => {
    const op = fc.record({ kind: fc.constantFrom('tail', 'before', 'behind', 'del', 'move' as const), at: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(op, { maxLength: 40 }), (ops) => {
        const list = new Klist<number>();
        let model: { item: number; node: KlistNode<number> }[] = [];
        for (const [item, { kind, at }] of ops.entries()) {
          const index = model.length === 0 ? -1 : at % model.length;
          const place = model[index];
          if (kind === 'tail' || place === undefined) model.push({ item, node: list.addTail(item) });
          else if (kind === 'before') model.splice(index, 0, { item, node: list.addBefore(item, place.node) });
          else if (kind === 'behind') model.splice(index + 1, 0, { item, node: list.addBehind(item, place.node) });
          else if (kind === 'del') {
            list.del(place.node);
            model = model.filter((entry) => entry !== place);
          } else {
            list.moveTail(place.node);
            model = [...model.filter((entry) => entry !== place), place];
          }
        }
        const items = model.map((entry) => entry.item);
        expect([...list]).to.deep.equal(items);
        expect([...list.reversed()]).to.deep.equal([...items].reverse());
        expect(list.length).to.equal(items.length);
      }),
    );
  });

  it('a walk sees every item that is there from its beginning to its end, once (property)', () => {
    const step = fc.record({ del: fc.nat(7), add: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const list = new Klist<number>();
        const nodes = Array.from({ length: 8 }, (_, item) => list.addTail(item));
        const deleted = new Set<number>();
        const seen: number[] = [];
        const left = [...steps];
        for (const item of list) {
          seen.push(item);
          const now = left.shift();
          if (now === undefined) continue;
          list.del(nodes[now.del]!);
          deleted.add(now.del);
          if (now.add) list.addTail(100 + left.length);
        }
        const stayed = [0, 1, 2, 3, 4, 5, 6, 7].filter((item) => !deleted.has(item));
        expect(seen.filter((item) => stayed.includes(item))).to.deep.equal(stayed);
        expect(new Set(seen).size).to.equal(seen.length);
      }),
    );
  });
});
