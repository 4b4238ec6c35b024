import { EINVAL, ENOENT, errnoName } from '../../../lib/errno';
import { done, type HypercallResult } from '../../../lib/hypervisor';
import type { Args } from './args';
import type { HostDevice } from './device';
import { COMMAND, EVENT } from '../layout';

/** Position of a command's first argument: behind handle and command code. */
const FIRST = 2;

type Command = (device: HostDevice, args: Args) => HypercallResult;

/** Commands of a guest for a device that it has open. Each may throw a refusal, which is logged already. */
const COMMANDS: Readonly<Record<number, Command>> = {
  [COMMAND.GET_STATUS]: (device) => done(device.status),
  [COMMAND.SET_STATUS]: (device, args) => checked(device, args, device.writeStatus(args.number(FIRST, 'status'))),
  [COMMAND.GET_FEATURES]: (device) => done(device.features),
  [COMMAND.SET_FEATURES]: (device, args) => checked(device, args, device.writeFeatures(args.word(FIRST, 'features'))),
  [COMMAND.GET_CONFIG]: getConfig,
  [COMMAND.SET_CONFIG]: setConfig,
  [COMMAND.QUEUE_INFO]: queueInfo,
  [COMMAND.SUBMIT]: submit,
  [COMMAND.COMPLETIONS]: completions,
};

/** @throws ErrnoError the error of the command; EINVAL for an unknown one */
export function command(device: HostDevice, args: Args): HypercallResult {
  const code = args.number(1, 'command');
  const run = COMMANDS[code];
  if (run === undefined) throw args.refusal(`device ${device.name} knows no command ${String(code)}`, EINVAL);
  return run(device, args);
}

function checked(device: HostDevice, args: Args, fault: string | undefined): HypercallResult {
  if (fault === undefined) return done();
  throw args.refusal(`device ${device.name}: ${fault}`, EINVAL);
}

function getConfig(device: HostDevice, args: Args): HypercallResult {
  const { offset, address, length } = configRange(device, args);
  const bytes = device.config().slice(offset, offset + length);
  if (bytes.length > 0) args.guest.copyTo(address, bytes, `device ${device.name}, configuration`);
  return done(device.generation);
}

function setConfig(device: HostDevice, args: Args): HypercallResult {
  const { offset, address, length } = configRange(device, args);
  device.writeConfig(offset, args.guest.copyFrom(address, length, `device ${device.name}, configuration`));
  return done();
}

interface ConfigRange {
  readonly offset: number;
  readonly length: number;
  readonly address: number;
}

function configRange(device: HostDevice, args: Args): ConfigRange {
  const offset = args.number(FIRST, 'offset');
  const length = args.number(FIRST + 1, 'length');
  const size = device.config().length;
  if (offset + length > size) {
    const range = `${String(length)} bytes at ${String(offset)}`;
    throw args.refusal(`device ${device.name}: ${range} of a configuration of ${String(size)}`, EINVAL);
  }
  if (length === 0) return { offset, length, address: 0 };
  // The arguments are offset, length, address; an area is address, length.
  return { offset, length, address: args.range(args.number(FIRST + 2, 'address'), length).address };
}

function queueInfo(device: HostDevice, args: Args): HypercallResult {
  const queue = args.number(FIRST, 'queue');
  const size = device.queueSizes[queue];
  if (size !== undefined) return done(size);
  throw args.refusal(`device ${device.name} has no queue ${String(queue)}`, ENOENT);
}

function submit(device: HostDevice, args: Args): HypercallResult {
  const queue = args.number(FIRST, 'queue');
  const cookie = args.number(FIRST + 1, 'cookie');
  const split = args.number(FIRST + 2, 'number of areas to read');
  const areas = args.areas(FIRST + 3);
  const request = { queue, cookie, readable: areas.slice(0, split), writable: areas.slice(split) };
  const no = split > areas.length ? EINVAL : device.submitFault(request);
  if (no !== 0) throw args.refusal(`device ${device.name}, queue ${String(queue)}: no request, ${errnoName(no)}`, no);
  device.submit(request, args.guest);
  return done();
}

function completions(device: HostDevice): HypercallResult {
  const events = device.takeEvents();
  const flags = (events.configChanged ? EVENT.CONFIG : 0) | (events.more ? EVENT.MORE : 0);
  return done(flags, ...events.completions.flatMap(({ queue, cookie, length }) => [queue, cookie, length]));
}
