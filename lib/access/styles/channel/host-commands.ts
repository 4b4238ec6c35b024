import { EINVAL, ENOENT, errnoName } from '../../../errno';
import { done, failed, type HypercallResult } from '../../../hypervisor';
import type { CallArgs } from '../call-args';
import type { ChannelEndpoint } from './host-endpoint';
import { COMMAND, EVENT } from './layout';

/** Position of a command's first argument: behind handle and command code. */
const FIRST = 2;

type Command = (endpoint: ChannelEndpoint, args: CallArgs) => HypercallResult;

/** Commands of a guest for a device that it has open. Each may throw a refusal, which is logged already. */
const COMMANDS: Readonly<Record<number, Command>> = {
  [COMMAND.GET_STATUS]: ({ device }) => done(device.status),
  [COMMAND.SET_STATUS]: ({ device }, args) => accepted(device.writeStatus(args.number(FIRST, 'status'))),
  [COMMAND.GET_FEATURES]: ({ device }) => done(device.deviceFeatures),
  [COMMAND.SET_FEATURES]: ({ device }, args) => accepted(device.writeFeatures(args.word(FIRST, 'features'))),
  [COMMAND.GET_CONFIG]: getConfig,
  [COMMAND.SET_CONFIG]: setConfig,
  [COMMAND.QUEUE_INFO]: queueInfo,
  [COMMAND.SUBMIT]: submit,
  [COMMAND.COMPLETIONS]: completions,
  [COMMAND.IDENTIFY]: ({ device }) => done(device.deviceId),
};

/** @throws ErrnoError the error of the command; EINVAL for an unknown one */
export function channelCommand(endpoint: ChannelEndpoint, args: CallArgs): HypercallResult {
  const code = args.number(1, 'command');
  const run = COMMANDS[code];
  if (run === undefined) throw args.refusal(`device ${endpoint.name} knows no command ${String(code)}`, EINVAL);
  return run(endpoint, args);
}

/** A refusal is logged already. */
function accepted(ok: boolean): HypercallResult {
  return ok ? done() : failed(EINVAL);
}

function getConfig(endpoint: ChannelEndpoint, args: CallArgs): HypercallResult {
  const { offset, address, length } = configRange(endpoint, args);
  const bytes = endpoint.device.config().slice(offset, offset + length);
  if (bytes.length > 0) args.guest.copyTo(address, bytes, `device ${endpoint.name}, configuration`);
  return done(endpoint.device.configGeneration);
}

function setConfig(endpoint: ChannelEndpoint, args: CallArgs): HypercallResult {
  const { offset, address, length } = configRange(endpoint, args);
  const bytes = args.guest.copyFrom(address, length, `device ${endpoint.name}, configuration`);
  endpoint.device.writeConfig(offset, bytes);
  return done();
}

interface ConfigRange {
  readonly offset: number;
  readonly length: number;
  readonly address: number;
}

function configRange(endpoint: ChannelEndpoint, args: CallArgs): ConfigRange {
  const offset = args.number(FIRST, 'offset');
  const length = args.number(FIRST + 1, 'length');
  const size = endpoint.device.config().length;
  if (offset + length > size) {
    const range = `${String(length)} bytes at ${String(offset)}`;
    throw args.refusal(`device ${endpoint.name}: ${range} of a configuration of ${String(size)}`, EINVAL);
  }
  if (length === 0) return { offset, length, address: 0 };
  // The arguments are offset, length, address; an area is address, length.
  return { offset, length, address: args.range(args.number(FIRST + 2, 'address'), length).address };
}

function queueInfo(endpoint: ChannelEndpoint, args: CallArgs): HypercallResult {
  const queue = args.number(FIRST, 'queue');
  const size = endpoint.device.queueSizes[queue];
  if (size !== undefined) return done(size);
  throw args.refusal(`device ${endpoint.name} has no queue ${String(queue)}`, ENOENT);
}

function submit(endpoint: ChannelEndpoint, args: CallArgs): HypercallResult {
  const queue = args.number(FIRST, 'queue');
  const cookie = args.number(FIRST + 1, 'cookie');
  const split = args.number(FIRST + 2, 'number of areas to read');
  const areas = args.areas(FIRST + 3);
  const request = { queue, cookie, readable: areas.slice(0, split), writable: areas.slice(split) };
  const no = split > areas.length ? EINVAL : endpoint.submitFault(request);
  if (no !== 0) throw args.refusal(`device ${endpoint.name}, queue ${String(queue)}: no request, ${errnoName(no)}`, no);
  endpoint.submit(request, args.guest);
  return done();
}

function completions(endpoint: ChannelEndpoint): HypercallResult {
  const events = endpoint.takeEvents();
  const flags = (events.configChanged ? EVENT.CONFIG : 0) | (events.more ? EVENT.MORE : 0);
  return done(flags, ...events.completions.flatMap(({ queue, cookie, length }) => [queue, cookie, length]));
}
