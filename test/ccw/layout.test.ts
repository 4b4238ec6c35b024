import { expect } from 'chai';
import fc from 'fast-check';
import {
  EMPTY_PMCW,
  EMPTY_SCSW,
  packCcw1,
  packCrw,
  packIrb,
  packOrb,
  packSchib,
  packSchid,
  packScsw,
  packSenseId,
  packThinint,
  packVqInfo,
  unpackCcw,
  unpackCrw,
  unpackIrb,
  unpackOrb,
  unpackSchib,
  unpackSchid,
  unpackScsw,
  unpackSenseId,
  unpackThinint,
  unpackVqInfo,
} from '../../buses/ccw';

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

describe('ccw layouts: the bytes of the architecture', () => {
  it('has the subsystem identification word: bit 15 is one, the set is in bits 13 and 14', () => {
    expect(packSchid({ ssid: 0, schNo: 0x1234 })).to.equal(0x00011234);
    expect(packSchid({ ssid: 3, schNo: 0xffff })).to.equal(0x0007ffff);
    expect(unpackSchid(0x00030002)).to.deep.equal({ ssid: 1, schNo: 2 });
    expect(unpackSchid(0x00020002)).to.equal(undefined);
    expect(unpackSchid(0x00110002)).to.equal(undefined);
  });

  it('has CCWs of both formats', () => {
    const ccw = { command: 0xe4, flags: 0x20, count: 0x0028, address: 0x00123456 };
    expect(hexOf(packCcw1(ccw))).to.equal('e420002800123456');
    expect(unpackCcw(packCcw1(ccw), true)).to.deep.equal(ccw);
    expect(unpackCcw(Uint8Array.of(0xe4, 0x12, 0x34, 0x56, 0x20, 0xff, 0x00, 0x28), false)).to.deep.equal({
      ...ccw,
      address: 0x123456,
    });
  });

  it('has the ORB: key, format 1, prefetch, 64-bit addresses, path mask, program', () => {
    const orb = {
      intparm: 0xdeadbeef,
      key: 0,
      spnd: false,
      format1: true,
      pfch: true,
      ssic: false,
      c64: true,
      i2k: false,
      lpm: 0x80,
      ils: false,
      cpa: 0x2000,
    };
    expect(hexOf(packOrb(orb).subarray(0, 12))).to.equal('deadbeef00c2800000002000');
    expect(unpackOrb(packOrb(orb))).to.deep.equal(orb);
  });

  it('refuses an ORB of transport mode, with an extension, with a program above 2 GiB', () => {
    for (const [at, bits] of [
      [5, 0x04],
      [7, 0x01],
      [8, 0x80],
    ] as const) {
      const bytes = new Uint8Array(32);
      bytes[at] = bits;
      expect(unpackOrb(bytes)).to.equal(undefined);
    }
  });

  it('has the SCHIB: enabled is bit 24 of word 1, device number valid bit 31', () => {
    const pmcw = {
      ...EMPTY_PMCW,
      intparm: 5,
      isc: 3,
      ena: true,
      dnv: true,
      dev: 0x1000,
      lpm: 0x80,
      pim: 0x80,
      pom: 0xff,
      pam: 0x80,
      csense: true,
    };
    const bytes = packSchib({ pmcw, scsw: EMPTY_SCSW });
    expect(hexOf(bytes.subarray(0, 28))).to.equal(
      '00000005' + '18811000' + '80000080' + '0000ff80' + '0000000000000000' + '00000001',
    );
    expect(unpackSchib(bytes)).to.deep.equal({ pmcw, scsw: EMPTY_SCSW });
  });

  it('has the SCSW: function, activity and status control in the second half of word 0', () => {
    const scsw = { ...EMPTY_SCSW, fctl: 4, stctl: 7, cpa: 0x2008, dstat: 0x0c, cstat: 0x40, count: 33, format1: true };
    expect(hexOf(packScsw(scsw))).to.equal('0080' + '4007' + '00002008' + '0c40' + '0021');
    expect(unpackScsw(packScsw(scsw))).to.deep.equal(scsw);
  });

  it('has the IRB: sense data begin at 32 when the extended report word says so', () => {
    const ecw = new Uint8Array(32);
    ecw[0] = 0x80;
    const irb = { scsw: EMPTY_SCSW, lpum: 0x80, cons: true, scnt: 32, ecw };
    const bytes = packIrb(irb);
    expect(hexOf(bytes.subarray(12, 20))).to.equal('00800000' + '01200000');
    expect(bytes[32]).to.equal(0x80);
    expect(unpackIrb(bytes)).to.deep.equal(irb);
  });

  it('has SENSE ID: the byte 0xff, control unit, device', () => {
    const id = { cuType: 0x3832, cuModel: 2, devType: 0x3390, devModel: 0x0c };
    expect(hexOf(packSenseId(id))).to.equal('ff38320233900c');
    expect(unpackSenseId(packSenseId(id))).to.deep.equal({ ...id, reserved: 0xff });
  });

  it('has channel report words', () => {
    const crw = { overflow: false, chained: true, rsc: 3, erc: 4, rsid: 7 };
    expect(hexOf(packCrw(crw))).to.equal('13040007');
    expect(unpackCrw(packCrw(crw))).to.deep.equal(crw);
  });

  it('has the structures of VIRTIO 1.2 §4.3.2.2 and §4.3.2.6.3 in big-endian', () => {
    const info = { index: 1, size: 128, desc: 0x1000, driver: 0x2000, device: 0x3000 };
    expect(hexOf(packVqInfo(info))).to.equal(
      '0000000000001000' + '00000000' + '0001' + '0080' + '0000000000002000' + '0000000000003000',
    );
    expect(unpackVqInfo(packVqInfo(info))).to.deep.equal(info);
    const area = { summary: 0x10, indicator: 0x20, bit: 9, isc: 3 };
    expect(hexOf(packThinint(area))).to.equal('0000000000000010' + '0000000000000020' + '0000000000000009' + '03');
    expect(unpackThinint(packThinint(area))).to.deep.equal(area);
  });

  it('reads any bytes without an error, and writes them again where nothing is reserved', () => {
    const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(
      fc.property(bytes(64), (block) => {
        expect(unpackIrb(packIrb(unpackIrb(block)))).to.deep.equal(unpackIrb(block));
        expect(unpackSchib(packSchib(unpackSchib(block)))).to.deep.equal(unpackSchib(block));
        expect(unpackCcw(packCcw1(unpackCcw(block, true)), true)).to.deep.equal(unpackCcw(block, true));
        const orb = unpackOrb(block);
        if (orb !== undefined) expect(unpackOrb(packOrb(orb))).to.deep.equal(orb);
      }),
    );
  });
});
