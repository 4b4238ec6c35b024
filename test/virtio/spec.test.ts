import { expect } from 'chai';
import * as spec from '../../lib/virtio/spec';

/** The numbers of include/uapi/linux/virtio_*.h, under the names that they have here. */
const HEADERS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  STATUS: { ACKNOWLEDGE: 1, DRIVER: 2, DRIVER_OK: 4, FEATURES_OK: 8, DEVICE_NEEDS_RESET: 0x40, FAILED: 0x80 },
  FEATURE: {
    ...{ RING_INDIRECT_DESC: 28, RING_EVENT_IDX: 29, VERSION_1: 32, ACCESS_PLATFORM: 33, RING_PACKED: 34 },
    ...{ IN_ORDER: 35, ORDER_PLATFORM: 36, SR_IOV: 37, NOTIFICATION_DATA: 38, NOTIF_CONFIG_DATA: 39, RING_RESET: 40 },
  },
  DEVICE_ID: { NET: 1, BLOCK: 2, CONSOLE: 3, ENTROPY: 4, BALLOON: 5, SCSI: 8, RPROC_SERIAL: 11 },
  DESC: { SIZE: 16, ADDR: 0, LEN: 8, FLAGS: 12, NEXT: 14, ALIGN: 16 },
  DESC_F: { NEXT: 1, WRITE: 2, INDIRECT: 4 },
  AVAIL: { FLAGS: 0, IDX: 2, RING: 4, ENTRY: 2, ALIGN: 2, F_NO_INTERRUPT: 1 },
  USED: { FLAGS: 0, IDX: 2, RING: 4, ENTRY: 8, ALIGN: 4, F_NO_NOTIFY: 1 },
  BLK: {
    ...{ F_SIZE_MAX: 1, F_SEG_MAX: 2, F_GEOMETRY: 4, F_RO: 5, F_BLK_SIZE: 6, F_FLUSH: 9, F_TOPOLOGY: 10 },
    ...{ F_CONFIG_WCE: 11, F_MQ: 12, T_IN: 0, T_OUT: 1, T_FLUSH: 4, T_GET_ID: 8, S_OK: 0, S_IOERR: 1, S_UNSUPP: 2 },
    ...{ HEADER_BYTES: 16, SECTOR: 512, ID_BYTES: 20, CONFIG_CAPACITY: 0, CONFIG_SIZE_MAX: 8, CONFIG_SEG_MAX: 12 },
    ...{ CONFIG_BLK_SIZE: 20, CONFIG_WCE: 32, CONFIG_NUM_QUEUES: 34, CONFIG_BYTES: 36 },
    ...{ F_DISCARD: 13, F_WRITE_ZEROES: 14, T_DISCARD: 11, T_WRITE_ZEROES: 13, CONFIG_GEOMETRY: 16 },
    ...{ CONFIG_TOPOLOGY: 24, CONFIG_MAX_DISCARD_SECTORS: 36, CONFIG_MAX_DISCARD_SEG: 40 },
    ...{ CONFIG_DISCARD_ALIGNMENT: 44, CONFIG_MAX_WRITE_ZEROES_SECTORS: 48, CONFIG_MAX_WRITE_ZEROES_SEG: 52 },
    ...{ CONFIG_DISCARD_BYTES: 60 },
  },
  NET: {
    ...{ F_MTU: 3, F_MAC: 5, F_STATUS: 16, S_LINK_UP: 1, RECEIVEQ: 0, TRANSMITQ: 1, HEADER_BYTES: 12 },
    ...{ HEADER_FLAGS: 0, HEADER_GSO_TYPE: 1, HEADER_NUM_BUFFERS: 10, CONFIG_MAC: 0, CONFIG_STATUS: 6 },
    ...{ CONFIG_MAX_PAIRS: 8, CONFIG_MTU: 10, CONFIG_BYTES: 12, F_CTRL_GUEST_OFFLOADS: 2, F_MRG_RXBUF: 15 },
    ...{ F_CTRL_VQ: 17, F_CTRL_RX: 18, F_CTRL_VLAN: 19, F_GUEST_ANNOUNCE: 21, F_CTRL_MAC_ADDR: 23, S_ANNOUNCE: 2 },
    ...{ CONTROLQ: 2, CTRL_OK: 0, CTRL_ERR: 1, CTRL_RX: 0, CTRL_RX_PROMISC: 0, CTRL_RX_ALLMULTI: 1, CTRL_MAC: 1 },
    ...{ CTRL_MAC_TABLE_SET: 0, CTRL_MAC_ADDR_SET: 1, CTRL_VLAN: 2, CTRL_ANNOUNCE: 3, CTRL_ANNOUNCE_ACK: 0 },
    ...{ CTRL_GUEST_OFFLOADS: 5 },
  },
  BALLOON: {
    ...{ F_MUST_TELL_HOST: 0, F_STATS_VQ: 1, F_DEFLATE_ON_OOM: 2, INFLATEQ: 0, DEFLATEQ: 1, STATSQ: 2, PAGE: 4096 },
    ...{ PFN_BYTES: 4, CONFIG_NUM_PAGES: 0, CONFIG_ACTUAL: 4, CONFIG_BYTES: 8, STAT_BYTES: 10, S_SWAP_IN: 0 },
    ...{ S_SWAP_OUT: 1, S_MAJFLT: 2, S_MINFLT: 3, S_MEMFREE: 4, S_MEMTOT: 5, S_AVAIL: 6, S_CACHES: 7 },
  },
  ETH: { ADDRESS_BYTES: 6, HEADER_BYTES: 14, VLAN_BYTES: 4, DATA_BYTES: 1500, MIN_MTU: 68, MAX_MTU: 65535 },
  CONSOLE: {
    ...{ F_SIZE: 0, F_MULTIPORT: 1, CONFIG_COLS: 0, CONFIG_ROWS: 2, CONFIG_MAX_PORTS: 4, CONFIG_BYTES: 12 },
    ...{ CONTROL_IN: 2, CONTROL_OUT: 3, CONTROL_BYTES: 8, DEVICE_READY: 0, DEVICE_ADD: 1, DEVICE_REMOVE: 2 },
    ...{ PORT_READY: 3, CONSOLE_PORT: 4, RESIZE: 5, PORT_OPEN: 6, PORT_NAME: 7, BAD_ID: 0xffffffff },
  },
};

/** All that driver and device read from the same file: a wrong number there has both of them wrong alike. */
describe('the numbers of VIRTIO 1.2', () => {
  for (const [name, numbers] of Object.entries(spec)) {
    if (typeof numbers !== 'object') continue;
    it(`${name} are those of the headers`, () => expect(numbers).to.deep.equal(HEADERS[name]));
  }

  it('has queues of at most 32768, and the vendor of Red Hat', () => {
    expect(spec.MAX_QUEUE_SIZE).to.equal(32768);
    expect(spec.VIRTIO_PCI_VENDOR).to.equal(0x1af4);
    expect(spec.NO_STATUS).to.equal(0xff);
  });

  it('has room for the event indexes behind the rings', () => {
    expect(spec.descTableBytes(8)).to.equal(128);
    expect(spec.availRingBytes(8)).to.equal(22);
    expect(spec.usedEventOffset(8)).to.equal(20);
    expect(spec.usedRingBytes(8)).to.equal(70);
    expect(spec.availEventOffset(8)).to.equal(68);
  });

  it('has an index pass an event index at each of its ends, also where they wrap', () => {
    expect(spec.needEvent(5, 5, 4)).to.equal(false);
    expect(spec.needEvent(5, 6, 5)).to.equal(true);
    expect(spec.needEvent(5, 7, 6)).to.equal(false);
    expect(spec.needEvent(5, 9, 5)).to.equal(true);
    expect(spec.needEvent(0xffff, 0, 0xffff)).to.equal(true);
    expect(spec.needEvent(0, 1, 0xfffe)).to.equal(true);
    expect(spec.needEvent(0, 0, 0xfffe)).to.equal(false);
    expect(spec.needEvent(5, 6, 6)).to.equal(false);
  });

  it('has the queues of the ports of a console around those of the control messages', () => {
    expect([0, 1, 2].map(spec.consolePortQueue)).to.deep.equal([0, 4, 6]);
  });

  it('lays out a message about a console, and takes none that is too short', () => {
    const bytes = Uint8Array.of(0x78, 0x56, 0x34, 0x12, 0x05, 0x01, 0x07, 0x02, 0x61);
    expect(spec.encodeConsoleMessage(0x12345678, 0x105, 0x207, Uint8Array.of(0x61))).to.deep.equal(bytes);
    expect(spec.decodeConsoleMessage(bytes)).to.deep.equal({
      id: 0x12345678,
      event: 0x105,
      value: 0x207,
      rest: Uint8Array.of(0x61),
    });
    expect(spec.decodeConsoleMessage(bytes.subarray(0, 8))?.rest.length).to.equal(0);
    expect(spec.decodeConsoleMessage(bytes.subarray(0, 7))).to.equal(undefined);
  });

  it('lays out pages of a balloon', () => {
    expect(spec.encodeBalloonPages([1, 0x01020304])).to.deep.equal(Uint8Array.of(1, 0, 0, 0, 4, 3, 2, 1));
  });

  it('lays out statistics of a balloon without padding, and reads no more than are whole and wanted', () => {
    const stats = new Map<number, number | bigint>([
      [4, 7],
      [0x0102, 0x1122334455667788n],
    ]);
    const bytes = spec.encodeBalloonStats(stats);
    expect([...bytes]).to.deep.equal([
      ...[4, 0, 7, 0, 0, 0, 0, 0, 0, 0],
      ...[2, 1, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11],
    ]);
    expect([...spec.decodeBalloonStats(bytes, 9)]).to.deep.equal(
      [...stats].map(([tag, value]) => [tag, BigInt(value)]),
    );
    expect(spec.decodeBalloonStats(bytes.subarray(0, 19), 9).size).to.equal(1);
    expect(spec.decodeBalloonStats(bytes, 1).size).to.equal(1);
  });
});
