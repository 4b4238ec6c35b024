import { unbindAll } from '../evidence/experiment';
import type { MachineGuest } from '../../machine';
import { counted } from '../evidence/words';
import { bindKind, bootKind, kindOf, type Kind } from './kind';
import type { Scenario } from './scenario';

type Facts = {
  readonly bound: number;
  readonly free: number;
  readonly tried: number;
  readonly asked: number;
  readonly boundAfter: number;
};

/** @see arch/powerpc/platforms/ps3/system-bus.c ps3_open_hv_device_sb, usage_hack */
export const counterLeakLies: Scenario<Facts> = {
  name: 'counter-leak-lies',
  title: 'once an open has failed, the next one succeeds without opening, for ever',
  about:
    'Two guests. Guest 2 uses its devices; guest 1 loads its drivers. Guest 2 unbinds everything, so that all is ' +
    'free, and guest 1 binds every device that is not bound by hand. On ps3-handle/repository the devices are USB ' +
    'controllers, each of which is two devices of the bus.',
  strategy: 'repository',
  measures: {
    bound: 'devices of guest 1 that are bound while guest 2 uses its own',
    free: 'devices of the hypervisor that nobody holds after guest 2 unbound its own',
    tried: 'devices that guest 1 then binds by hand',
    asked: 'times that the hypervisor was asked for one of them',
    boundAfter: 'devices of guest 1 that are bound at the end',
  },
  why: [
    {
      kernel: 'arch/powerpc/platforms/ps3/system-bus.c ps3_open_hv_device_sb',
      file: 'buses/ps3-handle/guest/strategies/hv-devices.ts',
      name: 'usage.count += 1',
      rule:
        'the counter is raised before the open and not lowered when the open fails: the second driver finds it ' +
        'raised and believes that the device is open',
    },
    {
      kernel: 'drivers/usb/host/ohci-ps3.c ps3_ohci_probe',
      file: 'buses/ps3-handle/guest/usb.ts',
      name: 'mapRegion',
      rule:
        'it is the mapping of the registers that fails then, far from the cause, and all that a driver can say is ' +
        'EPERM',
    },
  ],
  async run(stage) {
    const kind = kindOf(stage);
    const machine = stage.machine(2, {}, [kind.makeModel(0), kind.makeModel(1)]);
    const [guest, rival] = [machine.guest(), machine.guest(1)];
    for (const [i, one] of [rival, guest].entries()) {
      const told = (): string => `${counted(one.boundNames().length, 'device')} bound`;
      await stage.step(`guest ${String(2 - i)} boots and loads its drivers`, () => bootKind(stage, kind, one), told);
    }
    const bound = guest.boundNames().length;
    const freeText = (): string => `${counted(machine.free, 'device')} that nobody holds`;
    await stage.step('guest 2 unbinds everything', () => unbindAll(rival), freeText);
    const { free } = machine;
    const unbound = guest
      .devices()
      .filter(({ isBound }) => !isBound)
      .map(({ name }) => name ?? '');
    const { claims } = machine.hypervisor;
    const before = claims.mark;
    const bindThem = (): Promise<string> => bindEach(kind, guest, unbound);
    await stage.step('guest 1 binds by hand what is not bound', bindThem, (text) => text);
    const asked = claims.since(before).filter((event) => event.guest === guest.name).length;
    return { bound, free, tried: unbound.length, asked, boundAfter: guest.boundNames().length };
  },
  happens: ({ free, tried, asked, boundAfter }) => free > 0 && tried > 0 && asked === 0 && boundAfter === 0,
};

async function bindEach(kind: Kind, guest: MachineGuest, names: readonly string[]): Promise<string> {
  const results: string[] = [];
  for (const name of names) results.push(`${name}: ${await bindKind(kind, guest, name)}`);
  return results.length === 0 ? 'all are bound' : results.join(', ');
}
