import { ofTree } from '../../buses/of-tree';
import { virtioRng } from '../../drivers/virtio_rng';
import { EntropyDevice } from '../../lib';
import { eachFault } from '../support/kit';

describe('of-tree: a queue that cannot be set up', () => {
  eachFault(
    'regression: is given back, whichever register cannot be written',
    async (w) => {
      w.plug(new EntropyDevice({ name: 'rng0', seed: 1 }));
      await w.boot();
      await w.load(virtioRng);
      await w.unload(virtioRng);
    },
    { fixtures: [ofTree], steps: /^register: write/ },
  );
});
