import { EINVAL, ENODEV, errno } from '../../../lib/errno';
import {
  done,
  failed,
  type Crossing,
  type Guest,
  type HypercallResult,
  type Hypervisor,
} from '../../../lib/hypervisor';
import { CLIENT, CLIENT_NAMES, cString, PROM_ERROR, textOf } from '../layout';
import { AccessSlot, type Slot } from './slot';
import { pathOf, propertyOf, type FirmwareTree, type Package } from './tree';

/** One call with its arguments. */
interface Call {
  readonly tree: FirmwareTree;
  /** The package that the first argument names. */
  readonly at: Package;
  readonly args: readonly Crossing[];
}

/** Calls on a package. IEEE 1275 §6.3.2.2 */
const PACKAGE_CALLS: readonly (readonly [number, (call: Call) => HypercallResult])[] = [
  [CLIENT.CHILD, ({ at }) => done(at.children[0]?.phandle ?? 0)],
  [CLIENT.PARENT, ({ at }) => done(at.parent?.phandle ?? 0)],
  [CLIENT.GETPROPLEN, ({ at, args }) => done(propertyOf(at.node, text(args[1]))?.length ?? PROM_ERROR)],
  [CLIENT.GETPROP, getprop],
  [CLIENT.NEXTPROP, nextprop],
  [CLIENT.PACKAGE_TO_PATH, ({ at }) => packageToPath(at)],
];

/**
 * Serves the client interface: an iterator over the tree. Handles are names, so no call changes anything.
 *
 * @param treeOf a guest's tree; undefined for a guest without one
 * @throws ErrnoError EEXIST when this hypervisor serves it already
 */
export function defineClientInterface(hv: Hypervisor, treeOf: (guest: Guest) => FirmwareTree | undefined): void {
  type Serve = (guest: Guest, tree: FirmwareTree, args: readonly Crossing[]) => HypercallResult;
  const define = (nr: number, serve: Serve): void =>
    hv.defineHypercall({
      nr,
      name: CLIENT_NAMES[nr] ?? '',
      call: (guest, args) => {
        const tree = treeOf(guest);
        return tree === undefined ? failed(errno.ENOSYS) : serve(guest, tree, args);
      },
    });
  const onPackage =
    (body: (call: Call) => HypercallResult): Serve =>
    (guest, tree, args) => {
      const at = typeof args[0] === 'number' ? tree.get(args[0]) : undefined;
      if (at !== undefined) return body({ tree, at, args });
      return failed(hv.refuse(guest, `guest ${guest.name}: there is no package ${String(args[0])}`, EINVAL));
    };
  for (const [nr, body] of PACKAGE_CALLS) define(nr, onPackage(body));
  const peer = onPackage(({ tree, at }) => done(tree.peer(at)?.phandle ?? 0));
  define(CLIENT.PEER, (guest, tree, args) => (args[0] === 0 ? done(tree.root.phandle) : peer(guest, tree, args)));
  define(CLIENT.FINDDEVICE, (_guest, tree, args) => done(tree.find(text(args[0]))?.phandle ?? PROM_ERROR));
}

/**
 * Serves the calls that open and close devices. An instance is the phandle of its package.
 *
 * @throws ErrnoError EEXIST when this hypervisor serves them already
 */
export function defineOpen(
  hv: Hypervisor,
  tree: FirmwareTree,
  slotAt: (guest: Guest, phandle: number) => Slot | undefined,
): void {
  const slotOf = (guest: Guest, phandle: number): AccessSlot | undefined => {
    const slot = slotAt(guest, phandle);
    return slot instanceof AccessSlot ? slot : undefined;
  };
  const define = (nr: number, call: (guest: Guest, args: readonly Crossing[]) => HypercallResult): void =>
    hv.defineHypercall({ nr, name: CLIENT_NAMES[nr] ?? '', call });
  const refuse = (guest: Guest, what: string, no: number): HypercallResult =>
    failed(hv.refuse(guest, `guest ${guest.name}: ${what}`, no));
  define(CLIENT.OPEN, (guest, args) => {
    const path = text(args[0]);
    const [at = '', style = ''] = path.split(':');
    const phandle = tree.find(at)?.phandle ?? 0;
    const status = slotOf(guest, phandle)?.open(style) ?? -ENODEV;
    return status === 0 ? done(phandle) : refuse(guest, `${path} cannot be opened`, status);
  });
  define(CLIENT.CLOSE, (guest, args) => {
    if (slotOf(guest, Number(args[0]))?.close() === true) return done();
    return refuse(guest, `instance ${String(args[0])} is not open`, EINVAL);
  });
}

function text(arg: Crossing | undefined): string {
  return arg instanceof Uint8Array ? textOf(arg) : '';
}

/** The length is the property's own, however few bytes were requested. */
function getprop({ at, args }: Call): HypercallResult {
  const value = propertyOf(at.node, text(args[1]));
  if (value === undefined) return done(PROM_ERROR, new Uint8Array(0));
  const most = typeof args[2] === 'number' ? args[2] : value.length;
  return done(value.length, value.slice(0, Math.max(0, most)));
}

/** A node has a property `name` whether it was written or not. */
function nextprop({ at, args }: Call): HypercallResult {
  const previous = text(args[1]);
  const names = at.node.properties.map(({ name }) => name);
  const index = names.indexOf(previous);
  if (previous !== '' && index < 0) return done(PROM_ERROR);
  const next = names[previous === '' ? 0 : index + 1];
  return next === undefined ? done(0) : done(1, cString(next));
}

function packageToPath(at: Package): HypercallResult {
  const path = cString(pathOf(at)).slice(0, -1);
  return done(path.length, path);
}
