import { expect } from 'chai';
import { HungTask } from '../../lib';
import { CoreMachine } from './support';

describe('a link whose consumer was refused in the middle of a probe', () => {
  it('unbinding the supplier goes on for ever in Linux; here it is reported as hung', async () => {
    const bench = await CoreMachine.make();
    const supplier = bench.device('s');
    const consumer = bench.device('c');
    await supplier.add();
    await bench.register(bench.driver('r'));
    await consumer.linkTo(supplier);
    consumer.devm.addAction(() => undefined, 'kept');
    // Refused with EBUSY for the resource, after the link was marked: it stays "consumer probing".
    await consumer.add();
    expect(consumer.suppliers[0]?.status).to.equal('consumer probing');
    let error: unknown;
    try {
      await supplier.releaseDriver();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).to.be.instanceOf(HungTask);
    expect((error as HungTask).message).to.include('device_links_unbind_consumers');
  });
});
