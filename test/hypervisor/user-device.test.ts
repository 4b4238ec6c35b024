import { expect } from 'chai';
import { DeviceModel, ModelServer, type DeviceHost, type DeviceRequest } from '../../lib/hypervisor/index';
import { World } from '../../lib/world/index';
import { LIVE, BackendMachine, VERSION_1 } from './support';

/** A device as a user would write it: adds up the bytes it gets and answers with sum and time. */
class Adder extends DeviceModel {
  readonly deviceId = 63;
  #total = 0;

  constructor(readonly name: string) {
    super();
  }

  override features(): bigint {
    return 1n;
  }

  override queueSizes(): readonly number[] {
    return [4, 8];
  }

  override config(): Uint8Array {
    return new Uint8Array([this.#total]);
  }

  override reset(): void {
    this.#total = 0;
  }

  override handle(queue: number, request: DeviceRequest, host: DeviceHost): void {
    for (const byte of request.readable) this.#total += byte;
    if (queue === 1) host.configChanged();
    host.after(10, () => request.complete(new Uint8Array([this.#total, host.now])));
  }
}

describe("a device model of one's own", () => {
  it('works behind the backend: id, features, configuration, queues', async () => {
    const rig = new BackendMachine(new Adder('adder0'), { size: 4 }).start(VERSION_1 | 1n);
    expect(rig.backend.status).to.equal(LIVE);
    expect(rig.backend.queues.map((q) => q.maxSize)).to.deep.equal([4, 8]);
    rig.guest.memory.write(0x8000, new Uint8Array([1, 2, 3]));
    rig.ring.chain([
      { address: 0x8000, length: 3 },
      { address: 0x9000, length: 2, write: true },
    ]);
    rig.queue.notify();
    await rig.world.advance(10);
    expect([...rig.guest.memory.read(0x9000, 2)]).to.deep.equal([6, 10]);
    expect([...rig.backend.readConfig(0, 1)]).to.deep.equal([6]);
    rig.backend.status = 0;
    expect([...rig.backend.readConfig(0, 1)]).to.deep.equal([0]);
  });

  it('works without rings as well: a transport may hand requests over as it likes', async () => {
    const world = new World();
    const answers: number[][] = [];
    const heard: string[] = [];
    const model = new Adder('adder0');
    const server = new ModelServer(model, world, {
      configChanged: () => void heard.push('config'),
      failed: (error, where) => void heard.push(`${where}: ${String(error)}`),
    });
    const send = (queue: number, bytes: number[], writable = 2) =>
      server.submit(queue, { readable: new Uint8Array(bytes), writable, done: (w) => void answers.push([...w]) });
    send(0, [1]);
    send(1, [2]);
    expect(server.inFlight).to.equal(2);
    await world.advance(10);
    expect(answers).to.deep.equal([
      [3, 10],
      [3, 10],
    ]);
    expect(model.served).to.equal(2);
    send(0, [1], 1);
    await world.advance(10);
    expect(answers[2]).to.deep.equal([]);
    expect(heard).to.deep.equal([
      'config',
      'a later step: RangeError: a request was completed with too much: 2 bytes written, 1 writable',
    ]);
    send(0, [1]);
    server.drop();
    await world.advance(10);
    expect(answers.length).to.equal(3);
    expect(server.inFlight).to.equal(0);
  });
});
