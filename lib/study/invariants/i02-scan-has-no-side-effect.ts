import type { Invariant } from './finding';

/** @see Documentation/driver-api/driver-model/platform.rst */
export const scanHasNoSideEffect: Invariant = {
  id: 'I2',
  group: 'other',
  title: 'a scan has no side effect',
  measure: 'devices that the guest holds after its scan, with no driver',
  async detect(testbed) {
    const machine = testbed.machine();
    await machine.guest().boot({ configured: false });
    return {
      holds: machine.held === 0,
      value: machine.held,
      text: `${String(machine.held)} held`,
      evidence: [...machine.evidence.lines, `claims: ${String(machine.held)}`],
    };
  },
};
