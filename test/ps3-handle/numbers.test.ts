import { expect } from 'chai';
import { LV1, LV1_NAMES, COMMAND, EVENT, MATCH_ID, MATCH_SUB_ID, MATCH_ID_VIRTIO } from '../../buses/ps3-handle/layout';
import * as layout from '../../buses/ps3-handle/layout';
import { GraphicsProcessor, UsbController } from '../../buses/ps3-handle/host/native';

describe('ps3-handle: the numbers that host and guest agree on', () => {
  it('hypercalls: those of the PS3 have its numbers (lv1call.h), the others come behind', () => {
    expect(LV1).to.deep.equal({
      GET_LOGICAL_PARTITION_ID: 74,
      READ_REPOSITORY_NODE: 91,
      OPEN_DEVICE: 170,
      CLOSE_DEVICE: 171,
      MAP_DEVICE_MMIO_REGION: 172,
      UNMAP_DEVICE_MMIO_REGION: 173,
      GPU_OPEN: 210,
      GPU_CLOSE: 211,
      GPU_ATTRIBUTE: 228,
      ALLOC_DEVICE: 300,
      FREE_DEVICE: 301,
      DEVICE_COMMAND: 302,
      COUNT_DEVICES: 303,
    });
    for (const [name, nr] of Object.entries(LV1)) expect(LV1_NAMES[nr]).to.equal(`lv1_${name.toLowerCase()}`);
  });

  it('commands and events', () => {
    expect(COMMAND).to.deep.equal({
      GET_STATUS: 1,
      SET_STATUS: 2,
      GET_FEATURES: 3,
      SET_FEATURES: 4,
      GET_CONFIG: 5,
      SET_CONFIG: 6,
      QUEUE_INFO: 7,
      SUBMIT: 8,
      COMPLETIONS: 9,
      IDENTIFY: 10,
    });
    expect(EVENT).to.deep.equal({ CONFIG: 1, MORE: 2 });
    expect(layout.MAX_COMPLETIONS).to.equal(64);
    expect(layout.MAX_AREAS).to.equal(1024);
    expect(layout.MAX_DEVICES).to.equal(0x10000);
  });

  it('ids of the repository and of drivers (platform.h, ps3.h)', () => {
    expect(layout.LPAR_ID_PME).to.equal(1);
    expect(layout.BUS_TYPE_SB).to.equal(4);
    expect(layout.BUS_ID_SB).to.equal(1);
    expect(layout.DEV_TYPE_SB_USB).to.equal(4);
    expect(layout.DEV_TYPE_VIRTIO).to.equal(0x100);
    expect(layout.REG_TYPE).to.deep.equal({ SB_OHCI: 3, SB_EHCI: 4 });
    expect(MATCH_ID).to.deep.equal({ EHCI: 1, OHCI: 2, SOUND: 9, GPU: 10 });
    expect(MATCH_SUB_ID).to.deep.equal({ GPU_FB: 1, GPU_RAMDISK: 2 });
    expect(MATCH_ID_VIRTIO).to.equal(12);
  });

  it('names of nodes: text from the left, a number in the last bytes', () => {
    expect(layout.firstField('bus', 0)).to.equal(0x6275_7300n);
    expect(layout.firstField('bus', 3)).to.equal(0x6275_7303n);
    expect(layout.field('num_dev')).to.equal(0x6e75_6d5f_6465_7600n);
    expect(layout.field('dev', 0xffff)).to.equal(0x6465_7600_0000_ffffn);
  });

  it('names of classes', () => {
    const names = [1, 2, 3, 4, 5, 8, 42].map((id) => layout.className(id));
    expect(names).to.deep.equal(['net', 'blk', 'console', 'rng', 'balloon', 'scsi', 'class42']);
  });

  it('the windows of a USB controller; each read is served', () => {
    const usb = new UsbController('usb0');
    expect(usb.windows).to.deep.equal([
      { type: 3, busAddress: 0x3010000, length: 0x10000 },
      { type: 4, busAddress: 0x3810000, length: 0x10000 },
    ]);
    const [ohci, ehci] = usb.windows.map((window) => usb.handlers(window));
    expect(ohci?.read(0, 4)).to.equal(0x10);
    expect(ehci?.read(0, 4)).to.equal(0x01000010);
    expect(ehci?.read(4, 4)).to.equal(0);
    expect(usb.served).to.equal(3);
  });

  it('each attribute that a graphics processor is asked for is served', () => {
    const gpu = new GraphicsProcessor('gpu0');
    gpu.attribute();
    expect(gpu.served).to.equal(1);
  });
});
