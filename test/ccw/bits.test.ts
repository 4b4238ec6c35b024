import { expect } from 'chai';
import {
  EMPTY_PMCW,
  EMPTY_SCSW,
  INSTRUCTION,
  packCrw,
  packOrb,
  packSchib,
  packScsw,
  packThinint,
} from '../../buses/ccw';
import { unpackCrw, unpackOrb, unpackSchib, unpackScsw, unpackThinint, VIRTIO_CMD } from '../../buses/ccw';
import { CHSC, CRW, packSchid, VECTOR, type Crw } from '../../buses/ccw/layout';
import { CCW_CMD, CCW_FLAG, SENSE0, SENSE_ID } from '../../buses/ccw/layout/ccw';
import { hasReservedBits, type Orb, type Pmcw } from '../../buses/ccw/layout/schib';
import { ACTL, CSTAT, DSTAT, FCTL, STCTL, type Scsw } from '../../buses/ccw/layout/scsw';
import {
  packLegacyVqInfo,
  unpackLegacyVqInfo,
  VIRTIO_BYTES,
  VIRTIO_REVISION_MAX,
  type Thinint,
} from '../../buses/ccw/layout/virtio';

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Bits that a structure has, from its first byte on, as `at:hex`; zero bytes are left out. */
function bitsOf(bytes: Uint8Array): string {
  return [...bytes].flatMap((byte, at) => (byte === 0 ? [] : [`${String(at)}:${byte.toString(16)}`])).join(' ');
}

/** A field, its highest value, and where its bits are. */
type Fields<T> = readonly (readonly [field: keyof T & string, highest: number | boolean, bits: string])[];

/** Each field alone, at its highest value: its bits are where they belong, and it is read from there. */
function eachField<T extends object>(
  empty: T,
  fields: Fields<T>,
  pack: (of: T) => Uint8Array,
  unpack: (b: Uint8Array) => unknown,
) {
  for (const [field, highest, bits] of fields) {
    it(field, () => {
      const one = { ...empty, [field]: highest };
      expect(bitsOf(pack(one))).to.equal(bits);
      expect(unpack(pack(one))).to.deep.equal(one);
      if (typeof highest !== 'number') return;
      // What is too large does not spill into the neighbours.
      expect(bitsOf(pack({ ...empty, [field]: highest + 1 })), 'one more').to.equal('');
      expect(unpack(pack({ ...empty, [field]: 1 })), 'one').to.deep.equal({ ...empty, [field]: 1 });
    });
  }
}

describe('ccw: numbers of the architecture (PoP chapters 14 to 17)', () => {
  it('instructions and interruptions', () => {
    expect(INSTRUCTION).to.deep.equal({
      CSCH: 0xb230,
      HSCH: 0xb231,
      MSCH: 0xb232,
      SSCH: 0xb233,
      STSCH: 0xb234,
      TSCH: 0xb235,
      TPI: 0xb236,
      RSCH: 0xb238,
      STCRW: 0xb239,
      CHSC: 0xb25f,
      XSCH: 0xb276,
      DIAG_VIRTIO: 0x500,
    });
    expect(new Set(Object.values(VECTOR)).size).to.equal(4);
  });

  it('function, activity and status control; device and subchannel status', () => {
    expect(FCTL).to.deep.equal({ START: 0x4, HALT: 0x2, CLEAR: 0x1 });
    expect(ACTL).to.deep.equal({
      RESUME_PEND: 0x40,
      START_PEND: 0x20,
      HALT_PEND: 0x10,
      CLEAR_PEND: 0x8,
      SUBCHANNEL_ACTIVE: 0x4,
      DEVICE_ACTIVE: 0x2,
      SUSPENDED: 0x1,
    });
    expect(STCTL).to.deep.equal({ ALERT: 0x10, INTERMEDIATE: 0x8, PRIMARY: 0x4, SECONDARY: 0x2, STATUS_PEND: 0x1 });
    expect(DSTAT).to.deep.equal({
      ATTENTION: 0x80,
      STATUS_MODIFIER: 0x40,
      BUSY: 0x10,
      CHANNEL_END: 0x8,
      DEVICE_END: 0x4,
      UNIT_CHECK: 0x2,
      UNIT_EXCEPTION: 0x1,
    });
    expect(CSTAT).to.deep.equal({
      PCI: 0x80,
      INCORRECT_LENGTH: 0x40,
      PROGRAM_CHECK: 0x20,
      PROTECTION_CHECK: 0x10,
      DATA_CHECK: 0x8,
      CONTROL_CHECK: 0x4,
      INTERFACE_CHECK: 0x2,
      CHAINING_CHECK: 0x1,
    });
  });

  it('commands and flags of CCWs, sense data', () => {
    expect(CCW_CMD).to.deep.equal({
      NOOP: 0x03,
      BASIC_SENSE: 0x04,
      TIC: 0x08,
      STLCK: 0x14,
      SENSE_PGID: 0x34,
      RELEASE: 0x94,
      SET_PGID: 0xaf,
      SENSE_ID: 0xe4,
    });
    expect(CCW_FLAG).to.deep.equal({ DC: 0x80, CC: 0x40, SLI: 0x20, SKIP: 0x10, PCI: 8, IDA: 4, SUSPEND: 2, MIDA: 1 });
    expect(SENSE0).to.deep.equal({ COMMAND_REJECT: 0x80, INTERVENTION_REQUIRED: 0x40, EQUIPMENT_CHECK: 0x10 });
    expect(SENSE_ID).to.deep.equal({ RESERVED: 0xff, BASIC_BYTES: 7, BYTES: 40, MIN_BYTES: 4 });
  });

  it('channel reports and channel subsystem calls', () => {
    expect(CRW).to.deep.equal({ BYTES: 4, RSC_SCH: 3, RSC_CPATH: 4, ERC_IPARM: 4, ERC_PMOD: 8 });
    expect(CHSC).to.deep.equal({
      BYTES: 4096,
      COMMAND: 2,
      SCPD: 0x02,
      SCPD_REQUEST: 16,
      SCPD_DESC: 8,
      SDA: 0x31,
      SDA_REQUEST: 0x400,
      SDA_OC_MSS: 2,
      RESPONSE_OK: 1,
      RESPONSE_INVALID_COMMAND: 2,
      RESPONSE_INVALID_REQUEST: 3,
    });
  });

  it('commands and blocks of VIRTIO 1.2 §4.3.2', () => {
    expect(VIRTIO_CMD).to.deep.equal({
      SET_VQ: 0x13,
      VDEV_RESET: 0x33,
      SET_IND: 0x43,
      SET_CONF_IND: 0x53,
      SET_IND_ADAPTER: 0x73,
      READ_FEAT: 0x12,
      WRITE_FEAT: 0x11,
      READ_CONF: 0x22,
      WRITE_CONF: 0x21,
      WRITE_STATUS: 0x31,
      READ_VQ_CONF: 0x32,
      SET_VIRTIO_REV: 0x83,
      READ_STATUS: 0x72,
    });
    expect(VIRTIO_BYTES).to.deep.equal({
      REV_INFO: 4,
      FEATURE_DESC: 5,
      VQ_CONFIG: 4,
      VQ_INFO: 32,
      VQ_INFO_LEGACY: 16,
      INDICATOR: 8,
      THININT: 25,
      STATUS: 1,
      CONFIG: 256,
    });
    expect(VIRTIO_REVISION_MAX).to.equal(2);
  });
});

describe('ccw: where each field has its bits', () => {
  describe('ORB', () => {
    const empty: Orb = {
      intparm: 0,
      key: 0,
      spnd: false,
      format1: false,
      pfch: false,
      ssic: false,
      c64: false,
      i2k: false,
      lpm: 0,
      ils: false,
      cpa: 0,
    };
    eachField(
      empty,
      [
        ['intparm', 0xffff_ffff, '0:ff 1:ff 2:ff 3:ff'],
        ['key', 15, '4:f0'],
        ['spnd', true, '4:8'],
        ['format1', true, '5:80'],
        ['pfch', true, '5:40'],
        ['ssic', true, '5:8'],
        ['c64', true, '5:2'],
        ['i2k', true, '5:1'],
        ['lpm', 0xff, '6:ff'],
        ['ils', true, '7:80'],
      ],
      packOrb,
      unpackOrb,
    );

    it('the program is below 2 GiB', () => {
      expect(unpackOrb(packOrb({ ...empty, cpa: 0x7fff_ffff }))?.cpa).to.equal(0x7fff_ffff);
      expect(unpackOrb(packOrb({ ...empty, cpa: 0x8000_0000 }))).to.equal(undefined);
    });

    it('transport mode, the extension and what is reserved are refused, bit by bit', () => {
      const taken = Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => {
        const bytes = new Uint8Array(32);
        new DataView(bytes.buffer).setUint32(4, (1 << bit) >>> 0);
        return unpackOrb(bytes) !== undefined;
      });
      expect(taken).to.deep.equal(
        Array.from({ length: 25 }, (_, i) => i + 7).filter((bit) => bit !== 18 && bit !== 26),
      );
    });
  });

  describe('SCSW', () => {
    const fields: Fields<Scsw> = [
      ['key', 15, '0:f0'],
      ['eswf', true, '0:4'],
      ['cc', 3, '0:3'],
      ['format1', true, '1:80'],
      ['ectl', true, '1:2'],
      ['pno', true, '1:1'],
      ['fctl', 7, '2:70'],
      ['actl', 0x7f, '2:f 3:e0'],
      ['stctl', 0x1f, '3:1f'],
      ['cpa', 0xffff_ffff, '4:ff 5:ff 6:ff 7:ff'],
      ['dstat', 0xff, '8:ff'],
      ['cstat', 0xff, '9:ff'],
      ['count', 0xffff, '10:ff 11:ff'],
    ];
    eachField(EMPTY_SCSW, fields, packScsw, unpackScsw);
  });

  describe('SCHIB', () => {
    const fields: Fields<Pmcw> = [
      ['intparm', 0xffff_ffff, '0:ff 1:ff 2:ff 3:ff'],
      ['isc', 7, '4:38'],
      ['ena', true, '5:80'],
      ['mme', 3, '5:18'],
      ['mp', true, '5:4'],
      ['dnv', true, '5:1'],
      ['dev', 0xffff, '6:ff 7:ff'],
      ['lpm', 0xff, '8:ff'],
      ['pnom', 0xff, '9:ff'],
      ['lpum', 0xff, '10:ff'],
      ['pim', 0xff, '11:ff'],
      ['mbi', 0xffff, '12:ff 13:ff'],
      ['pom', 0xff, '14:ff'],
      ['pam', 0xff, '15:ff'],
      ['st', 7, '25:e0'],
      ['mbfc', true, '27:4'],
      ['csense', true, '27:1'],
    ];
    const unpack = (bytes: Uint8Array): Pmcw => unpackSchib(bytes).pmcw;
    eachField(
      EMPTY_PMCW,
      fields.filter(([name]) => name !== 'mbi'),
      (pmcw) => packSchib({ pmcw, scsw: EMPTY_SCSW }),
      unpack,
    );

    it('path numbers, the measurement block, and the status word behind them', () => {
      const pmcw = { ...EMPTY_PMCW, mbi: 0x1234, chpid: [1, 2, 3, 4, 5, 6, 7, 8] };
      const bytes = packSchib({ pmcw, scsw: { ...EMPTY_SCSW, count: 0x1122, key: 9 } });
      expect(bitsOf(bytes)).to.equal('12:12 13:34 16:1 17:2 18:3 19:4 20:5 21:6 22:7 23:8 28:90 38:11 39:22');
      expect(bytes.length).to.equal(52);
      expect(unpackSchib(bytes).pmcw).to.deep.equal(pmcw);
    });

    it('MODIFY SUBCHANNEL refuses what is reserved, bit by bit', () => {
      const refused = (word: number): number[] =>
        Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => {
          const bytes = new Uint8Array(52);
          new DataView(bytes.buffer).setUint32(4 * word, (1 << bit) >>> 0);
          return hasReservedBits(bytes);
        });
      expect(refused(1)).to.deep.equal([24, 25, 26]);
      const free = [0, 1, 2, 21, 22, 23];
      expect(refused(6)).to.deep.equal(Array.from({ length: 32 }, (_, i) => i).filter((bit) => !free.includes(bit)));
    });
  });

  describe('channel report word', () => {
    const empty: Crw = { overflow: false, chained: false, rsc: 0, erc: 0, rsid: 0 };
    eachField(
      empty,
      [
        ['overflow', true, '0:20'],
        ['chained', true, '0:10'],
        ['rsc', 15, '0:f'],
        ['erc', 63, '1:3f'],
        ['rsid', 0xffff, '2:ff 3:ff'],
      ],
      packCrw,
      unpackCrw,
    );
  });

  it('subchannel id: set and number do not spill', () => {
    expect(packSchid({ ssid: 4, schNo: 0x10000 })).to.equal(0x10000);
    expect(packSchid({ ssid: 2, schNo: 1 })).to.equal(0x50001);
  });

  it('blocks of virtio: each field alone', () => {
    const none: Thinint = { summary: 0, indicator: 0, bit: 0, isc: 0 };
    const at = (changes: Partial<Thinint>): string => bitsOf(packThinint({ ...none, ...changes }));
    expect(at({ summary: 2 ** 40 + 1 })).to.equal('2:1 7:1');
    expect(at({ indicator: 2 ** 40 + 1 })).to.equal('10:1 15:1');
    expect(at({ bit: 2 ** 40 + 1 })).to.equal('18:1 23:1');
    expect(at({ isc: 3 })).to.equal('24:3');
    const all = { summary: 1, indicator: 2, bit: 3, isc: 4 };
    expect(unpackThinint(packThinint(all))).to.deep.equal(all);
  });

  it('the legacy block of a queue: one address, the others follow from size and alignment (§2.7.2)', () => {
    const info = { index: 3, size: 8, desc: 0x10000, driver: 0, device: 0 };
    const bytes = packLegacyVqInfo(info, 4096);
    expect(hexOf(bytes)).to.equal('0000000000010000' + '00001000' + '0003' + '0008');
    // 16 bytes a descriptor; then flags, index, 8 entries, used_event; then the next page.
    expect(unpackLegacyVqInfo(bytes)).to.deep.equal({ ...info, driver: 0x10080, device: 0x11000 });
    const unaligned = unpackLegacyVqInfo(packLegacyVqInfo(info, 0));
    expect(unaligned.device).to.equal(0x10080 + 22);
  });
});
