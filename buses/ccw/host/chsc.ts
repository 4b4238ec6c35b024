import type { GuestMemory } from '../../../lib/hypervisor';
import { CHSC, viewOf } from '../layout';
import type { ChannelPath, HostCss } from './css';

/** A response: its code, and what follows the first 8 bytes. */
interface Response {
  readonly code: number;
  readonly data?: Uint8Array;
}

/**
 * CHANNEL SUBSYSTEM CALL: the few commands that an I/O subchannel's guest needs, as QEMU has them. For all others the
 * response is "not installed".
 *
 * @returns condition code 0
 */
export function chsc(css: HostCss, memory: GuestMemory, address: number): number {
  const view = viewOf(memory.read(address, CHSC.BYTES));
  const request = view.getUint16(0);
  const { code, data = new Uint8Array(0) } = answer(css, view, request);
  const response = new Uint8Array(8 + data.length);
  const out = viewOf(response);
  out.setUint16(0, response.length);
  out.setUint16(2, code);
  response.set(data, 8);
  if (request + response.length <= CHSC.BYTES) memory.write(address + request, response);
  return 0;
}

function answer(css: HostCss, view: DataView, request: number): Response {
  switch (view.getUint16(CHSC.COMMAND)) {
    case CHSC.SCPD:
      return request === CHSC.SCPD_REQUEST ? describePaths(css, view) : { code: CHSC.RESPONSE_INVALID_REQUEST };
    case CHSC.SDA:
      return request === CHSC.SDA_REQUEST ? setDomainAttribute(css, view) : { code: CHSC.RESPONSE_INVALID_REQUEST };
    default:
      return { code: CHSC.RESPONSE_INVALID_COMMAND };
  }
}

function setDomainAttribute(css: HostCss, view: DataView): Response {
  if (view.getUint16(6) !== CHSC.SDA_OC_MSS) return { code: CHSC.RESPONSE_INVALID_REQUEST };
  css.multipleSets = true;
  return { code: CHSC.RESPONSE_OK };
}

/** Only format 0 is known. */
function describePaths(css: HostCss, view: DataView): Response {
  const format = view.getUint8(5) & 0x0f;
  const first = view.getUint8(7);
  const last = view.getUint8(11);
  if (format !== 0 || last < first) return { code: CHSC.RESPONSE_INVALID_REQUEST };
  const found = [...css.paths.values()].filter(({ id }) => id >= first && id <= last);
  return { code: CHSC.RESPONSE_OK, data: Uint8Array.from(found.flatMap(describe)) };
}

/** flags (valid), logical switch number, type, number. @see struct channel_path_desc_fmt0 */
function describe({ id, type }: ChannelPath): number[] {
  return [0x80, 0, type, id, 0, 0, 0, 0];
}
