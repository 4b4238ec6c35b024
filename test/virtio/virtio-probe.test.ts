import { expect } from 'chai';
import { ErrnoError, type ErrnoName } from '../../lib/errno';
import {
  FEATURE,
  featureBit,
  registerVirtioDevice,
  virtioBus,
  virtioConfigChanged,
  type VirtioDevice,
  type VirtioDriver,
} from '../../lib/virtio';
import { HeldDevice } from '../support/held-device';
import { VirtioMachine, type FakeTransport, type TransportCall } from '../support/virtio';

const driver = (over: Partial<VirtioDriver> = {}): VirtioDriver => ({
  name: 'held',
  bus: virtioBus,
  idTable: [{ device: 42 }],
  probe: () => undefined,
  remove: (dev: VirtioDevice) => dev.reset(),
  ...over,
});

async function bind(over: Partial<VirtioDriver> = {}, prepare?: (t: FakeTransport) => void, bits = 0n) {
  const machine = new VirtioMachine();
  await machine.kernel.registerDriver(driver(over));
  const model = new HeldDevice([8], bits);
  return { machine, model, ...(await machine.plug(model, prepare)) };
}

const V1 = featureBit(FEATURE.VERSION_1);

describe('probe of a virtio device', () => {
  it('sets the status in the order of VIRTIO 1.2 §3.1.1', async () => {
    const { dev, transport } = await bind();
    expect(transport.statusCalls).to.deep.equal(['reset', '0x1', '0x3', '0xb', '0xf']);
    expect(transport.backend.status).to.equal(0xf);
    expect(dev.isBound).to.equal(true);
  });

  it('sleeps nowhere when the transport does not', async () => {
    const machine = new VirtioMachine();
    const registered = machine.kernel.registerDriver(driver());
    expect(registered).not.to.be.instanceOf(Promise);
    const transport = machine.transport(new HeldDevice());
    const init = { parent: machine.parent, transport, id: { device: 42, vendor: 1 } };
    expect(registerVirtioDevice(machine.kernel, init)).not.to.be.instanceOf(Promise);
    expect(transport.backend.status).to.equal(0xf);
  });

  it('does the same in the same order when every call sleeps', async () => {
    const awake = await bind({ featureTable: [0] }, undefined, 1n);
    const asleep = await bind({ featureTable: [0] }, (transport) => (transport.sleepNs = 1000), 1n);
    expect(asleep.transport.calls).to.deep.equal(awake.transport.calls);
    expect(asleep.machine.world.now).to.equal(awake.transport.calls.length * 1000);
  });

  it('agrees on what both can and tells the device before the driver looks', async () => {
    let seen = 0n;
    const probe = (dev: VirtioDevice): void => void (seen = dev.features);
    const { transport } = await bind({ featureTable: [0, 3], probe }, undefined, 0b101n);
    expect(seen).to.equal(1n | V1 | featureBit(28) | featureBit(29));
    expect(transport.backend.driverFeatures).to.equal(seen);
  });

  it('lets the transport decide on its own bits', async () => {
    const { dev } = await bind({}, (transport) =>
      Object.assign(transport, { transportFeatures: (f: bigint) => f & V1 }),
    );
    expect(dev.features).to.equal(V1);
  });

  it('answers only for features that the driver lists', async () => {
    const answers: boolean[] = [];
    const probe = (dev: VirtioDevice): void =>
      void answers.push(dev.hasFeature(0), dev.hasFeature(3), dev.hasFeature(32));
    await bind({ featureTable: [0, 3], probe }, undefined, 0b1n);
    expect(answers).to.deep.equal([true, false, true]);
    const { machine, dev } = await bind();
    await dev.releaseDriver();
    const asks = driver({ name: 'asks', probe: (it) => void it.hasFeature(4), featureTable: [5] });
    const oops = await Promise.resolve()
      .then(() => machine.kernel.registerDriver(asks))
      .catch((error: unknown) => error);
    expect(String(oops)).to.equal('Error: driver asks asks for feature 4, which is not in its table');
  });

  describe('validate', () => {
    it('may take bits out; then they are told again', async () => {
      const validate = (dev: VirtioDevice): void => void (dev.features &= ~2n);
      const { dev, transport } = await bind({ featureTable: [0, 1], validate }, undefined, 0b11n);
      expect(transport.calls.filter((call) => call.startsWith('finalize'))).to.deep.equal([
        'finalizeFeatures 0x130000003',
        'finalizeFeatures 0x130000001',
      ]);
      expect(dev.hasFeature(1)).to.equal(false);
    });

    it('may say that it succeeded, or nothing', async () => {
      for (const result of [0, undefined]) {
        const validate = (dev: VirtioDevice): number | void => {
          dev.features &= ~1n;
          return result;
        };
        const { dev, transport } = await bind({ featureTable: [0], validate }, undefined, 1n);
        expect(dev.isBound).to.equal(true);
        expect(transport.backend.driverFeatures & 1n).to.equal(0n);
      }
    });

    it('that fails has nothing told again', async () => {
      const validate = (dev: VirtioDevice): number => {
        dev.features &= ~1n;
        return -22;
      };
      const { dev, transport } = await bind({ featureTable: [0], validate }, undefined, 1n);
      expect(dev.isBound).to.equal(false);
      expect(transport.calls.filter((call) => call.startsWith('finalize')).length).to.equal(1);
    });

    it('that changes nothing has nothing told again', async () => {
      const { transport } = await bind({ validate: () => undefined });
      expect(transport.calls.filter((call) => call.startsWith('finalize')).length).to.equal(1);
    });
  });

  it('takes DRIVER_OK from a driver that sets it itself, and sets it once', async () => {
    let status = 0;
    const probe = async (dev: VirtioDevice): Promise<void> => {
      await dev.ready();
      status = await dev.transport.getStatus();
    };
    const { transport } = await bind({ probe });
    expect(status).to.equal(0xf);
    expect(transport.statusCalls).to.deep.equal(['reset', '0x1', '0x3', '0xb', '0xf']);
  });

  it('warns of a driver that is ready twice', async () => {
    const { machine } = await bind({ probe: async (dev) => void (await dev.ready(), await dev.ready()) });
    expect(machine.kernel.log.lines().join()).to.contain('virtio_device_ready: virtio0 is ready already');
  });

  it('scans when the device works', async () => {
    const order: string[] = [];
    const scan = async (dev: VirtioDevice): Promise<void> => {
      order.push(`scan ${String(await dev.transport.getStatus())}, enabled ${String(dev.configEnabled)}`);
    };
    const { dev } = await bind({ probe: () => void order.push('probe'), scan });
    expect(order).to.deep.equal(['probe', 'scan 15, enabled false']);
    expect(dev.configEnabled).to.equal(true);
  });
});

describe('a failed probe of a virtio device', () => {
  const refusals: {
    title: string;
    over?: Partial<VirtioDriver>;
    refuse?: [TransportCall, ErrnoName];
    status: number;
    error: number;
  }[] = [
    { title: 'get_features', refuse: ['getFeatures', 'EIO'], status: 0x83, error: -5 },
    { title: 'finalize_features', refuse: ['finalizeFeatures', 'EINVAL'], status: 0x83, error: -22 },
    { title: 'validate', over: { validate: () => -95 }, status: 0x83, error: -95 },
    {
      title: 'validate that throws',
      over: {
        validate: () => {
          throw new ErrnoError('EINVAL');
        },
      },
      status: 0x83,
      error: -22,
    },
    { title: 'the driver', over: { probe: () => -12 }, status: 0x8b, error: -12 },
    {
      title: 'the driver, by a throw',
      over: {
        probe: () => {
          throw new ErrnoError('ENOMEM');
        },
      },
      status: 0x8b,
      error: -12,
    },
    {
      title: 'the driver, asleep',
      over: { probe: () => Promise.reject(new ErrnoError('ENOMEM')) },
      status: 0x8b,
      error: -12,
    },
    { title: 'scan', over: { scan: () => Promise.reject(new ErrnoError('EBUSY')) }, status: 0x81, error: -16 },
  ];
  for (const { title, over, refuse, status, error } of refusals) {
    it(`by ${title} leaves FAILED and no driver`, async () => {
      const { machine, dev, transport } = await bind(over, (t) => refuse && t.refuse.set(...refuse));
      expect(transport.backend.status).to.equal(status);
      expect(dev.driver).to.equal(null);
      expect(dev.configEnabled).to.equal(false);
      const lines = machine.kernel.log.entries.map(({ text }) => text);
      expect(lines).to.deep.equal([`held: probe of virtio0 failed with error ${String(error)}`]);
    });
  }

  it('by a device that refuses the features says so', async () => {
    // VIRTIO 1.2 §3.1.1 step 6: the driver reads FEATURES_OK back.
    const { machine, dev, transport } = await bind({}, (t) => (t.offered = V1 | featureBit(36)));
    expect(transport.backend.status).to.equal(0x83);
    expect(dev.driver).to.equal(null);
    expect(machine.kernel.log.entries[0]?.text).to.equal('held virtio0: virtio: device refuses features: 3');
    expect(transport.statusCalls).to.deep.equal(['reset', '0x1', '0x3', '0xb', '0x83']);
  });

  it('by a transport that wants VERSION_1 and is not offered it never sets FEATURES_OK', async () => {
    const { transport } = await bind({}, (t) => Object.assign(t, { offered: 1n, finalizeResult: -22 }));
    expect(transport.statusCalls).to.deep.equal(['reset', '0x1', '0x3', '0x83']);
  });

  it('is no failure for a legacy device, which is not asked to confirm', async () => {
    const { dev, transport } = await bind({ featureTable: [1], featureTableLegacy: [0] }, (t) => (t.offered = 0b11n));
    expect(transport.statusCalls.slice(0, 4)).to.deep.equal(['reset', '0x1', '0x3', '0x7']);
    expect(dev.features).to.equal(1n);
  });

  it('is forgotten by a reset before the next try', async () => {
    let tries = 0;
    const probe = (): number => (++tries === 1 ? -12 : 0);
    const { machine, dev, transport } = await bind({ probe });
    await machine.write('/sys/bus/virtio/drivers/held/bind', 'virtio0');
    expect(dev.isBound).to.equal(true);
    expect(transport.statusCalls.slice(-6)).to.deep.equal(['0x8b', 'reset', '0x1', '0x3', '0xb', '0xf']);
    expect(machine.hv.log.refusals).to.deep.equal([]);
  });

  it('of a device that cannot even be told keeps the first error', async () => {
    let silent: FakeTransport | undefined;
    const probe = (): number => (silent?.refuse.set('setStatus', 'ENXIO'), -12);
    const { machine } = await bind({ probe }, (transport) => (silent = transport));
    expect(machine.kernel.log.entries.map(({ text }) => text)).to.deep.equal([
      'held: probe of virtio0 failed with error -12',
    ]);
  });
});

describe('remove of a virtio device', () => {
  it('stops configuration changes, has the driver reset, and acknowledges the device again', async () => {
    const seen: string[] = [];
    const remove = async (dev: VirtioDevice): Promise<void> => {
      seen.push(`enabled ${String(dev.configEnabled)}`);
      await dev.reset();
    };
    const { machine, dev, transport } = await bind({ remove });
    await machine.write('/sys/bus/virtio/drivers/held/unbind', 'virtio0');
    expect(seen).to.deep.equal(['enabled false']);
    expect(transport.statusCalls.slice(-2)).to.deep.equal(['reset', '0x1']);
    expect(dev.isRegistered).to.equal(true);
    expect(machine.kernel.warnings).to.equal(0);
  });

  it('leaves the features to be read', async () => {
    const { machine, dev } = await bind({ featureTable: [0] }, undefined, 1n);
    await dev.releaseDriver();
    expect((await machine.read('/sys/bus/virtio/devices/virtio0/features')).startsWith('1000')).to.equal(true);
  });

  it('warns of a driver that did not reset', async () => {
    const { machine, dev } = await bind({ remove: () => undefined });
    await dev.releaseDriver();
    expect(machine.kernel.log.entries.map(({ text }) => text)).to.deep.equal([
      'virtio_dev_remove: virtio0 was not reset',
    ]);
  });

  it('does not warn of a device that has vanished', async () => {
    const machine = new VirtioMachine();
    await machine.kernel.registerDriver(driver({ remove: () => undefined }));
    const { surpriseRemove } = await machine.plug(new HeldDevice());
    await surpriseRemove();
    expect(machine.kernel.warnings).to.equal(0);
    expect(machine.list('/sys/bus/virtio/devices')).to.deep.equal([]);
  });

  it('can be followed by another driver', async () => {
    const { machine, dev, transport } = await bind();
    await dev.releaseDriver();
    await machine.write('/sys/bus/virtio/drivers/held/bind', 'virtio0');
    expect(transport.backend.status).to.equal(0xf);
    expect(machine.hv.log.refusals).to.deep.equal([]);
  });
});

describe('a configuration change', () => {
  it('is told to the driver from an interrupt', async () => {
    let changes = 0;
    const { machine, model } = await bind({ configChanged: () => void (changes += 1) });
    model.host?.configChanged();
    await machine.world.advance(10_000);
    expect(changes).to.equal(1);
  });

  it('while the driver probes is told once, after the probe', async () => {
    const order: string[] = [];
    const probe = (dev: VirtioDevice): void => {
      virtioConfigChanged(dev);
      virtioConfigChanged(dev);
      order.push('probed');
    };
    await bind({ probe, scan: () => void order.push('scanned'), configChanged: () => void order.push('changed') });
    expect(order).to.deep.equal(['probed', 'scanned', 'changed']);
  });

  it('without a driver waits for the next one', async () => {
    let changes = 0;
    const { dev } = await bind({ configChanged: () => void (changes += 1) });
    await dev.releaseDriver();
    virtioConfigChanged(dev);
    expect(changes).to.equal(0);
    expect(dev.configChangePending).to.equal(true);
    await dev.attach();
    expect(changes).to.equal(1);
    expect(dev.configChangePending).to.equal(false);
  });

  it('to "needs reset" breaks the queues and has the driver end what is in flight', async () => {
    let broken = 0;
    const probe = async (dev: VirtioDevice): Promise<void> => void (await dev.findVqs([{ name: 'q' }]));
    const remove = async (dev: VirtioDevice): Promise<void> => void (await dev.reset(), await dev.delVqs());
    const { machine, dev, transport } = await bind({ probe, remove, broken: () => void (broken += 1) });
    transport.backend.needsReset();
    await machine.world.advance(10_000);
    expect(broken).to.equal(1);
    expect(dev.isBroken).to.equal(true);
    expect(dev.vqs[0]?.broken).to.equal(true);
    expect(machine.kernel.log.entries.map(({ text }) => text)).to.deep.equal(['held virtio0: device needs a reset']);
    await dev.releaseDriver();
    await dev.attach();
    expect(dev.isBound).to.equal(true);
    expect(dev.isBroken).to.equal(false);
    expect(dev.vqs[0]?.broken).to.equal(false);
  });

  it('of a device that cannot be asked breaks the queues too', async () => {
    const { machine, dev, transport } = await bind({ probe: async (it) => void (await it.findVqs([{ name: 'q' }])) });
    transport.refuse.set('getStatus', 'ENXIO');
    virtioConfigChanged(dev);
    await machine.world.settle();
    expect(dev.isBroken).to.equal(true);
  });
});

describe('shutdown of a virtio device', () => {
  it('breaks the queues, waits for callbacks and resets', async () => {
    const { dev, transport } = await bind({ probe: async (it) => void (await it.findVqs([{ name: 'q' }])) });
    const before = transport.calls.length;
    await virtioBus.shutdown?.(dev);
    expect(dev.vqs.map((vq) => vq.broken)).to.deep.equal([true]);
    expect(transport.calls.slice(before)).to.deep.equal(['synchronizeCbs', 'reset']);
  });

  it('leaves a device without a driver alone', async () => {
    const machine = new VirtioMachine();
    const { dev, transport } = await machine.plug(new HeldDevice());
    const before = transport.calls.length;
    await virtioBus.shutdown?.(dev);
    expect(transport.calls.length).to.equal(before);
  });
});

describe('the configuration of a virtio device', () => {
  async function device(model = new HeldDevice()) {
    const machine = new VirtioMachine();
    return { machine, model, ...(await machine.plug(model)) };
  }

  it('is read little endian', async () => {
    const { dev, model } = await device();
    model.bytes.set([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await dev.creadU16(1)).to.equal(0x0302);
    expect(await dev.creadU32(1)).to.equal(0x05040302);
    expect(await dev.creadU64(1)).to.equal(0x0908070605040302n);
  });

  it('is read again when it changed between the parts of a long number', async () => {
    const { dev, transport, model } = await device();
    const getConfig = transport.getConfig.bind(transport);
    transport.getConfig = (offset, length) => {
      const bytes = getConfig(offset, length);
      if (model.bytes[0] === 0) {
        model.bytes[0] = 7;
        model.host?.configChanged();
      }
      return bytes;
    };
    expect(await dev.creadU64(0)).to.equal(7n);
  });

  it('that never holds still is refused', async () => {
    const { dev, transport } = await device();
    let generation = 0;
    transport.generation = () => generation++;
    let code = '';
    try {
      await dev.creadU64(0);
    } catch (error) {
      ({ code } = error as ErrnoError);
    }
    expect(code).to.equal('EIO');
    expect(transport.calls.filter((call) => call.startsWith('getConfig')).length).to.equal(100);
  });
});
