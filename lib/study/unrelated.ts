import { Device } from '../base/device';
import type { BusType, DeviceDriver } from '../base/types';
import type { StudyGuest } from './machine';

const unrelatedBus: BusType = { name: 'unrelated', match: () => true };
const unrelatedDriver: DeviceDriver = { name: 'unrelated', bus: unrelatedBus };

/** Has a device of another bus bound, which has nothing to do with any other, and what follows from that done. */
export async function bindUnrelated(guest: StudyGuest): Promise<void> {
  const { kernel } = guest;
  if (kernel.busOf(unrelatedBus) === null) {
    await kernel.registerBus(unrelatedBus);
    await kernel.registerDriver(unrelatedDriver);
  }
  const number = [...(kernel.busOf(unrelatedBus)?.devices() ?? [])].length;
  await new Device(kernel, { name: `unrelated${String(number)}`, bus: unrelatedBus, release: () => undefined }).add();
  await guest.settle();
}
