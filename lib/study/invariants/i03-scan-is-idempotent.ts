import type { Invariant } from './finding';

/** @see drivers/pci/probe.c pci_rescan_bus, drivers/s390/cio/css.c css_evaluate_subchannel */
export const scanIsIdempotent: Invariant = {
  id: 'I3',
  group: 'other',
  title: 'a second scan finds nothing new',
  measure: 'devices that a second scan adds or drops, and claims that it changes',
  async detect(testbed) {
    const machine = testbed.machine();
    const guest = machine.guest();
    await guest.boot();
    const before = new Set(guest.deviceNames());
    const held = machine.held;
    await guest.rescan();
    const after = new Set(guest.deviceNames());
    const names =
      [...before].filter((name) => !after.has(name)).length + [...after].filter((name) => !before.has(name)).length;
    const changed = names + Math.abs(machine.held - held);
    return {
      holds: before.size + after.size === 0 ? null : changed === 0,
      value: changed,
      text: `${String(changed)} changes`,
      evidence: [
        ...machine.evidence.lines,
        `names before: ${[...before].join(' ')}`,
        `names after: ${[...after].join(' ')}`,
      ],
    };
  },
};
