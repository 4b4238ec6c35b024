import { counted } from '../evidence/words';
import { bootAndUse } from './operations';
import type { Scenario } from './scenario';

type Facts = { readonly before: number; readonly held: number; readonly usable: number };

/** @see kernel/kexec_core.c crash_kexec */
export const crashKernelFindsEverythingBusy: Scenario<Facts> = {
  name: 'crash-kernel-finds-everything-busy',
  title: 'the crash kernel can use no device: the dead one holds them all',
  about:
    'A guest uses its devices and crashes: its kernel ends where it stands, no shutdown is called. A second kernel ' +
    'boots in the same guest, to save the dump.',
  strategy: 'repository',
  measures: {
    before: 'devices that the first kernel uses',
    held: 'devices that are held when it has crashed',
    usable: 'devices that the crash kernel can use',
  },
  why: [
    {
      kernel: 'kernel/kexec_core.c crash_kexec',
      file: 'lib/machine/guest-life.ts',
      name: 'die',
      rule: 'a crash calls no device_shutdown: what only drivers give back is not given back',
    },
    {
      kernel: 'arch/powerpc/platforms/ps3/system-bus.c ps3_open_hv_device_sb',
      file: 'buses/ps3-handle/host/host.ts',
      name: '#open',
      rule:
        'the hypervisor counts by guest and knows nothing of kernels: the open of the dead one keeps the next one ' +
        'out, though both are the same guest',
    },
  ],
  async run(stage) {
    const machine = stage.machine();
    const guest = machine.guest();
    const before = await bootAndUse(stage, guest, 'the guest boots and loads its drivers');
    await stage.step(
      'its kernel crashes',
      () => guest.die(),
      () => `${counted(machine.held, 'device')} held`,
    );
    const { held } = machine;
    const usable = await bootAndUse(stage, guest, 'the crash kernel boots and loads its drivers');
    return { before, held, usable };
  },
  happens: ({ before, usable }) => before > 0 && usable === 0,
};
