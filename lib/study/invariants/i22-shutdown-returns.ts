import type { DeviceDriver } from '../../base/types';
import type { Proof } from '../evidence/excerpt';
import type { Invariant } from './finding';
import type { Testbed } from '../evidence/testbed';

/** Shutdown is not remove: this driver makes its device quiet, as most do, and leaves it at that. */
function quietDriver(transport: DeviceDriver<never>): DeviceDriver<never> {
  return { ...transport, shutdown: () => undefined };
}

/**
 * At an orderly end no driver's remove is called, no managed resource is released and no reference dropped: what has to
 * go back must go back in ->shutdown, of the bus or of every driver.
 *
 * @see drivers/base/core.c device_shutdown
 */
export const shutdownReturnsEverything: Invariant = {
  id: 'I22',
  group: 'code',
  title: 'a shutdown returns everything',
  measure: 'devices held after device_shutdown; and when the driver has a ->shutdown of its own that only stops it',
  async detect(testbed) {
    const usual = await heldAfter(testbed, (transport) => transport);
    const quiet = await heldAfter(testbed, quietDriver);
    const worst = Math.max(usual.held, quiet.held);
    return {
      holds: worst === 0,
      value: worst,
      text: `${String(usual.held)} held, ${String(quiet.held)} by a quiet driver`,
      evidence: [...usual.evidence, '--- with a driver whose ->shutdown only stops its device', ...quiet.evidence],
    };
  },
};

async function heldAfter(
  testbed: Testbed,
  change: (transport: DeviceDriver<never>) => DeviceDriver<never>,
): Promise<{ readonly held: number; readonly evidence: Proof }> {
  const machine = testbed.machine();
  const guest = machine.guest();
  await guest.boot();
  await guest.loadDriver(change(guest.bus.transport));
  await guest.loadDriver(testbed.workload.driver);
  await guest.shutDown();
  machine.evidence.add('host', `devices still held: ${String(machine.held)}`);
  return { held: machine.held, evidence: machine.evidence.lines };
}
