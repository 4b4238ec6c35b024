import { expect } from 'chai';
import { DeviceModel, ModelServer, World, type DeviceHost, type DeviceRequest } from '../../lib';

/** As much as a model may do until the world is idle. */
const BUDGET = 4096;
const CHANGES = 1000;
const PAUSE_NS = 10_000_000;

class Eager extends DeviceModel {
  readonly deviceId = 4;
  readonly name = 'eager';
  host: DeviceHost | null = null;

  override queueSizes(): readonly number[] {
    return [8];
  }

  override attach(host: DeviceHost): void {
    this.host = host;
  }

  override handle(_queue: number, request: DeviceRequest): void {
    request.complete();
  }
}

function rig(model = new Eager()) {
  const world = new World();
  const heard = { answers: [] as number[], changes: 0, throttled: [] as string[] };
  const server = new ModelServer(model, world, {
    configChanged: () => void (heard.changes += 1),
    failed: (error) => {
      throw error;
    },
    throttled: (what) => void heard.throttled.push(what),
  });
  const ask = (n: number): void =>
    server.submit(0, { readable: new Uint8Array(0), writable: 0, done: () => void heard.answers.push(n) });
  return { world, model, server, heard, ask };
}

describe('a device model has a budget until the world is idle', () => {
  it('of requests: those beyond wait, and are served in order', async () => {
    const { world, heard, ask, server } = rig();
    await world.run(() => {
      for (let n = 0; n < BUDGET + 3; n++) ask(n);
    });
    expect(heard.answers.length).to.equal(BUDGET);
    expect(server.inFlight).to.equal(3);
    expect(heard.throttled).to.deep.equal(['4096 requests without a pause']);
    await world.advance(PAUSE_NS - 1);
    expect(heard.answers.length).to.equal(BUDGET);
    await world.advance(1);
    expect(heard.answers).to.deep.equal(Array.from({ length: BUDGET + 3 }, (_, n) => n));
    expect(server.inFlight).to.equal(0);
  });

  it('of requests, however the driver asks: who asks again for each answer comes to an end', async () => {
    const { world, heard, server } = rig();
    let asked = 0;
    const again = (): void => {
      asked += 1;
      server.submit(0, { readable: new Uint8Array(0), writable: 0, done: () => world.after(0, again) });
    };
    world.after(0, again);
    await world.settle();
    expect(asked).to.equal(BUDGET + 1);
    await world.advance(PAUSE_NS);
    expect(asked).to.equal(2 * BUDGET + 1);
    expect(heard.throttled.length).to.equal(1);
  });

  it('of steps of its own', async () => {
    const { world, model, heard } = rig();
    let steps = 0;
    const step = (): void => {
      steps += 1;
      model.host?.after(0, step);
    };
    world.after(0, step);
    await world.settle();
    expect(steps).to.equal(BUDGET + 1);
    expect(heard.throttled).to.deep.equal(['4096 steps without a pause']);
    await world.advance(PAUSE_NS);
    expect(steps).to.be.greaterThan(BUDGET + 1);
  });

  it('of changes of its configuration: those beyond are told as one', async () => {
    const { world, model, heard } = rig();
    await world.run(() => {
      for (let i = 0; i < 3 * CHANGES; i++) model.host?.configChanged();
    });
    expect(heard.changes).to.equal(CHANGES);
    expect(heard.throttled).to.deep.equal(['1000 changes of its configuration without a pause']);
    await world.advance(PAUSE_NS);
    expect(heard.changes).to.equal(CHANGES + 1);
  });

  it('that a reset ends: what waited is dropped, and it is told again', async () => {
    const { world, heard, ask, server } = rig();
    const overdo = (): void => {
      for (let n = 0; n < BUDGET + 3; n++) ask(n);
    };
    await world.run(overdo);
    server.reset();
    await world.advance(2 * PAUSE_NS);
    expect(heard.answers.length).to.equal(BUDGET);
    expect(server.inFlight).to.equal(0);
    await world.run(overdo);
    expect(heard.throttled.length).to.equal(2);
    server.drop();
  });

  it('that is not touched by who asks from outside the world', () => {
    const { heard, ask } = rig();
    for (let n = 0; n < 3 * BUDGET; n++) ask(n);
    expect(heard.answers.length).to.equal(3 * BUDGET);
    expect(heard.throttled).to.deep.equal([]);
  });

  it('and plans no step at what is no time', () => {
    const { model } = rig();
    expect(() => model.host?.after(NaN, () => undefined)).to.throw(RangeError, 'NaN ns is no time');
  });
});
