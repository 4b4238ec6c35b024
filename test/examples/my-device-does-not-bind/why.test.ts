import { expect } from 'chai';
import { BlockDevice, virtioBus, why, type VirtioDriver } from '../../../lib';
import { world } from '../../support/kit';

const coin: VirtioDriver = {
  name: 'coin',
  bus: virtioBus,
  idTable: [{ device: 60 }],
  probe: () => 0,
  remove: () => undefined,
};

describe('why', () => {
  it('names the rule that refuses, and what it rests on', async () => {
    const made = world({ devices: [new BlockDevice({ name: 'disk0', image: new Uint8Array(512) })] });
    await made.boot();
    const driver = await made.kernel.registerDriver(coin);
    const device = made.kernel.busOf(virtioBus)?.findDevice('virtio0');
    if (device == null) throw new Error('there is no virtio0: the transport did not make it');
    const answer = why(device, driver);
    expect(answer.outcome).to.equal('refused');
    expect(answer.decidedBy?.fn).to.equal('driver_match_device');
    expect(answer.decidedBy?.details).to.deep.equal([
      'virtio_id_match: no, id table, row 0: device 0x003c is wanted, the device has 0x0002',
    ]);
    await driver.unregister();
  });
});
