import { expect } from 'chai';
import * as fc from 'fast-check';
import { ConsoleDevice, ModelServer, type ConsoleOptions } from '../../../lib/hypervisor';
import type { Submission } from '../../../lib/hypervisor/model-server';
import { utf8Decode, utf8Encode } from '../../../lib/utf8';
import { CONSOLE, consolePortQueue, decodeConsoleMessage, encodeConsoleMessage } from '../../../lib/virtio/spec';
import { World } from '../../../lib/world';
import { BackendMachine } from '../support';
import { thrownBy } from '../../support/errors';

const SOON = 1_000_000;

/** A device without a ring: buffers go in, and what was written comes out by queue. */
function serverWith(options: Partial<ConsoleOptions> = {}) {
  const world = new World();
  const model = new ConsoleDevice({ name: 'console0', ports: [{ console: true }, { name: 'org.test.1' }], ...options });
  const failed: string[] = [];
  let configChanges = 0;
  const server = new ModelServer(model, world, {
    configChanged: () => void (configChanges += 1),
    failed: (error, where) => void failed.push(`${where}: ${String(error)}`),
  });
  const written: [number, Uint8Array][] = [];
  const submit = (queue: number, over: Partial<Submission>): void => {
    server.submit(queue, {
      readable: new Uint8Array(0),
      writable: 0,
      done: (bytes) => void written.push([queue, bytes]),
      ...over,
    });
  };
  const control = (id: number, event: number, value: number): void => {
    submit(CONSOLE.CONTROL_OUT, { readable: encodeConsoleMessage(id, event, value) });
  };
  /** What the device said since the last call, as text. */
  const said = async (): Promise<string[]> => {
    await world.advance(SOON);
    const messages = written
      .splice(0)
      .filter(([queue]) => queue === CONSOLE.CONTROL_IN)
      .map(([, bytes]) => decodeConsoleMessage(bytes));
    return messages.map((m) =>
      m === undefined
        ? 'nothing'
        : `${NAMES[m.event] ?? ''} ${String(m.id)} ${String(m.value)}${m.rest.length > 0 ? ` ${[...m.rest].join(',')}` : ''}`,
    );
  };
  for (let i = 0; i < 32 && model.multiport; i += 1) submit(CONSOLE.CONTROL_IN, { writable: 64 });
  return { world, model, server, submit, control, said, written, failed, configChanges: () => configChanges };
}

const NAMES = ['READY', 'ADD', 'REMOVE', 'PORT_READY', 'CONSOLE', 'RESIZE', 'OPEN', 'NAME'];

describe('ConsoleDevice (VIRTIO 1.2 §5.3)', () => {
  it('is device 3, with a pair of queues for each port and one for messages (§5.3.2)', () => {
    const model = new ConsoleDevice({ name: 'console0', maxPorts: 3, cols: 100, rows: 40 });
    const { backend } = new BackendMachine(model);
    expect(model.deviceId).to.equal(3);
    expect(backend.queues.length).to.equal(8);
    expect([0, 1, 2].map(consolePortQueue)).to.deep.equal([0, 4, 6]);
    expect([...backend.readConfig(0, 12)]).to.deep.equal([100, 0, 40, 0, 3, 0, 0, 0, 0, 0, 0, 0]);
    expect(model.features()).to.equal(3n);
  });

  it('tells of its ports when the driver is ready, and what they are when each port is (§5.3.6.2)', async () => {
    const { control, said } = serverWith();
    control(CONSOLE.BAD_ID, CONSOLE.DEVICE_READY, 1);
    expect(await said()).to.deep.equal(['ADD 0 1', 'ADD 1 1']);
    control(0, CONSOLE.PORT_READY, 1);
    expect(await said()).to.deep.equal(['CONSOLE 0 1', 'RESIZE 0 0 80,0,25,0', 'OPEN 0 1']);
    control(1, CONSOLE.PORT_READY, 1);
    expect(await said()).to.deep.equal([`NAME 1 1 ${[...utf8Encode('org.test.1')].join(',')}`, 'OPEN 1 1']);
    control(1, CONSOLE.PORT_READY, 0);
    expect(await said()).to.deep.equal([]);
  });

  it('says nothing to a driver that is not ready', async () => {
    const { model, said } = serverWith({ maxPorts: 4 });
    model.port(1).close();
    model.port(0).resize(1, 1);
    model.addPort(2, {});
    model.removePort(2);
    expect(await said()).to.deep.equal([]);
  });

  it('tells of what changes', async () => {
    const { model, control, said } = serverWith({ maxPorts: 4 });
    control(CONSOLE.BAD_ID, CONSOLE.DEVICE_READY, 1);
    await said();
    model.port(1).close();
    model.port(1).close();
    model.port(1).open();
    model.port(0).resize(300, 2);
    model.port(1).resize(1, 1);
    model.addPort(3, { open: false });
    model.removePort(0);
    expect(await said()).to.deep.equal(['OPEN 1 0', 'OPEN 1 1', 'RESIZE 0 0 44,1,2,0', 'ADD 3 1', 'REMOVE 0 1']);
  });

  it('hands bytes over when the guest has opened its end and given buffers', async () => {
    const { model, control, submit, world, written } = serverWith();
    model.port(1).send(utf8Encode('abcdef'));
    submit(4, { writable: 4 });
    await world.advance(SOON);
    expect(written.splice(0)).to.deep.equal([]);
    control(1, CONSOLE.PORT_OPEN, 1);
    await world.advance(SOON);
    expect(model.port(1).guestOpen).to.equal(true);
    expect(model.port(1).unsent).to.equal(2);
    submit(4, { writable: 4 });
    await world.advance(SOON);
    expect(written.filter(([queue]) => queue === 4).map(([, bytes]) => utf8Decode(bytes))).to.deep.equal([
      'abcd',
      'ef',
    ]);
  });

  it('keeps what the guest writes while somebody listens', async () => {
    const { model, submit, world } = serverWith();
    submit(5, { readable: utf8Encode('one ') });
    submit(5, { readable: utf8Encode('two') });
    await world.advance(SOON);
    expect(utf8Decode(model.port(1).received)).to.equal('one two');
    expect(utf8Decode(model.port(1).take())).to.equal('one two');
    expect(model.port(1).received.length).to.equal(0);
    model.port(1).close();
    submit(5, { readable: utf8Encode('lost') });
    submit(7, { readable: utf8Encode('nobody') });
    await world.advance(SOON);
    expect(model.port(1).received.length).to.equal(0);
    expect(model.served).to.equal(4);
  });

  it('keeps the end of what is too long', async () => {
    const { model, submit, world } = serverWith();
    for (let i = 0; i < 3; i += 1) submit(1, { readable: new Uint8Array(1 << 19).fill(i) });
    await world.advance(SOON);
    const { received } = model.port(0);
    expect(received.length).to.equal(1 << 20);
    expect(received[0]).to.equal(1);
    expect(received.at(-1)).to.equal(2);
  });

  it('without control messages is one port, open on both sides', async () => {
    const { model, submit, world, written, configChanges } = serverWith({
      multiport: false,
      ports: [{ console: true }],
    });
    written.length = 0;
    expect(model.queueSizes().length).to.equal(2);
    expect(model.features()).to.equal(1n);
    model.port(0).send(utf8Encode('hi'));
    submit(0, { writable: 8 });
    await world.advance(SOON);
    expect(written.map(([queue, bytes]) => [queue, utf8Decode(bytes)])).to.deep.equal([[0, 'hi']]);
    model.port(0).resize(5, 6);
    expect(configChanges()).to.equal(1);
    expect([...model.config()].slice(0, 4)).to.deep.equal([5, 0, 6, 0]);
  });

  it('forgets buffers, messages and who has opened what with a reset, but not the bytes', async () => {
    const { model, control, server, submit, world, written } = serverWith();
    control(CONSOLE.BAD_ID, CONSOLE.DEVICE_READY, 1);
    control(1, CONSOLE.PORT_OPEN, 1);
    submit(4, { writable: 8 });
    await world.advance(SOON);
    written.length = 0;
    model.port(1).send(utf8Encode('kept'));
    server.reset();
    await world.advance(SOON);
    expect(written).to.deep.equal([]);
    expect(model.port(1).guestOpen).to.equal(false);
    expect(model.port(1).unsent).to.equal(4);
    model.port(1).close();
    await world.advance(SOON);
    expect(written).to.deep.equal([]);
  });

  it('refuses ports that cannot be', () => {
    const { model } = serverWith();
    expect(thrownBy(() => model.port(2)).code).to.equal('EINVAL');
    expect(thrownBy(() => model.addPort(1, {})).code).to.equal('EBUSY');
    for (const id of [2, -1]) expect(thrownBy(() => model.addPort(id, {})).code).to.equal('EINVAL');
    expect(thrownBy(() => model.removePort(2)).code).to.equal('EINVAL');
    expect(thrownBy(() => new ConsoleDevice({ name: 'c', maxPorts: 1, ports: [{}, {}] })).code).to.equal('EINVAL');
    expect(thrownBy(() => new ConsoleDevice({ name: 'c', maxPorts: 513 })).code).to.equal('EINVAL');
  });

  it('survives whatever a guest says: it never throws, and goes on', async () => {
    const message = fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.tuple(fc.nat(3), fc.nat(9), fc.nat(2)).map(([id, event, value]) => encodeConsoleMessage(id, event, value)),
      fc.constant(encodeConsoleMessage(CONSOLE.BAD_ID, CONSOLE.DEVICE_READY, 1)),
    );
    const step = fc.record({
      queue: fc.oneof(fc.nat(7), fc.constant(CONSOLE.CONTROL_OUT)),
      readable: message,
      writable: fc.nat(16),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { submit, world, failed, model, control, said, server } = serverWith();
        for (const { queue, readable, writable } of steps) submit(queue, { readable, writable });
        await world.advance(SOON);
        expect(failed).to.deep.equal([]);
        server.reset();
        for (let i = 0; i < 32; i += 1) submit(CONSOLE.CONTROL_IN, { writable: 64 });
        await said();
        control(CONSOLE.BAD_ID, CONSOLE.DEVICE_READY, 1);
        expect(await said()).to.deep.equal(model.ports.map(({ id }) => `ADD ${String(id)} 1`));
      }),
    );
  });

  it('does not keep more messages than are of use to a guest that asks and never listens', async () => {
    const world = new World();
    const model = new ConsoleDevice({ name: 'console0' });
    const server = new ModelServer(model, world, { configChanged: () => undefined, failed: () => undefined });
    for (let i = 0; i < 1000; i += 1) {
      server.submit(CONSOLE.CONTROL_OUT, {
        readable: encodeConsoleMessage(CONSOLE.BAD_ID, CONSOLE.DEVICE_READY, 1),
        writable: 0,
        done: () => undefined,
      });
    }
    await world.advance(SOON);
    expect(model.ignored).to.equal(1000 - 256);
  });
});
