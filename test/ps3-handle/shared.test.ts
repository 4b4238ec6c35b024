import { expect } from 'chai';
import { LV1, ps3EhciDriver, ps3OhciDriver, ps3Repository, UsbController } from '../../buses/ps3-handle';
import { COMMAND } from '../../buses/ps3-handle/layout';
import { EINVAL } from '../../lib/errno';
import { HeldDevice } from '../support/held-device';
import { world } from '../support/kit';
import { boot, Caller, calls, device, load, Ps3Machine } from './support';

describe('ps3-handle: a USB controller on another host', () => {
  it('is opened once for both of its drivers, each time that the guest is restored', async () => {
    // These drivers have no callbacks for it: the windows that they unmap are those of the first host.
    const allow = [/lv1_unmap_device_mmio_region failed: EINVAL/];
    const made = world({ bus: ps3Repository, devices: () => [new UsbController('usb0')], allow });
    const guest = made.guest();
    await guest.boot();
    for (const driver of [ps3EhciDriver, ps3OhciDriver]) await guest.loadDriver(driver);
    for (const round of [1, 2]) {
      await guest.hibernate();
      made.replaceHypervisor();
      await guest.restore();
      const opens = made.hypervisor.log.calls().filter(({ nr }) => nr === LV1.OPEN_DEVICE);
      expect(opens, `round ${String(round)}`).to.have.length(1);
      expect(made.hypervisor.claims.list()).to.have.length(1);
    }
  });
});

describe('ps3-handle: a USB controller that says nothing of itself', () => {
  class Mute extends UsbController {
    override handlers() {
      return { read: () => 0, write: () => undefined };
    }
  }

  it('is refused by both drivers, and its registers are mapped no more', async () => {
    const rig = new Ps3Machine({ strategy: 'repository' });
    rig.plug(new Mute('usb0'));
    const g1 = await boot(rig, 'g1', { transport: false });
    for (const driver of [ps3EhciDriver, ps3OhciDriver]) await load(g1, driver);
    for (const name of ['sb_01', 'sb_02']) expect(device(g1, name).isBound).to.equal(false);
    expect(g1.guest.mmio.mapped).to.equal(0);
    expect(calls(rig, LV1.UNMAP_DEVICE_MMIO_REGION)).to.equal(2);
    expect(rig.claims).to.deep.equal([]);
  });
});

describe('ps3-handle: the list of areas of a request', () => {
  for (const [words, status] of [
    [[0x2000], -EINVAL],
    [[0x2000, 1], 0],
    [[0x2000, 1, 0x2001], -EINVAL],
    [[0x2000, 1, 0x2001, 1], 0],
  ] as const) {
    it(`${String(words.length)} words`, () => {
      const rig = new Ps3Machine();
      const model = new HeldDevice([8]);
      rig.plug(model);
      const g1 = new Caller(rig.guest('g1', 1 << 16));
      const handle = g1.alloc(model.deviceId);
      g1.start(handle);
      expect(g1.command(handle, COMMAND.SUBMIT, 0, 1, 0, ...words).status).to.equal(status);
      expect(model.held).to.have.length(status === 0 ? 1 : 0);
    });
  }
});
