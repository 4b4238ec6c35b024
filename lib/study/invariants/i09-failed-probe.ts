import type { Device } from '../../base/device';
import type { DeviceDriver } from '../../base/types';
import { ENODEV } from '../../errno';
import type { Invariant } from '../finding';

/** A driver that does all that the transport driver does, does not like what it sees, cleans up and says ENODEV. */
function pickyDriver(transport: DeviceDriver<never>): DeviceDriver<never> {
  const like = transport as DeviceDriver;
  const picky: DeviceDriver = {
    ...like,
    name: 'picky',
    async probe(dev: Device): Promise<number> {
      const result = (await like.probe?.(dev)) ?? 0;
      if (result !== 0) return result;
      await like.remove?.(dev);
      return -ENODEV;
    },
  };
  return picky;
}

/** @see drivers/base/dd.c really_probe, label probe_failed */
export const failedProbeLeavesNoTrace: Invariant = {
  id: 'I9',
  group: 'code',
  title: 'a failed probe leaves no trace',
  measure: 'devices held after every probe was refused by the driver, less those held before',
  async detect(lab) {
    const machine = lab.machine();
    const guest = machine.guest();
    await guest.boot();
    const held = machine.held;
    const { allocations } = machine;
    const memory = guest.kernel.dma?.inUse ?? 0;
    await guest.loadDriver(pickyDriver(guest.bus.transport));
    const left = machine.held - held;
    const leaked = (guest.kernel.dma?.inUse ?? 0) - memory;
    machine.evidence.add(guest.name, `claims left: ${String(left)}, bytes of memory left: ${String(leaked)}`);
    return {
      holds: left === 0 && leaked === 0,
      value: left,
      text: `${String(left)} held, ${String(machine.allocations - allocations)} allocated`,
      evidence: machine.evidence.lines,
    };
  },
};
