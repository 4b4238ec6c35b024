import { expect } from 'chai';
import type { Device } from '../../lib/base/device';
import { Testbed } from '../../lib/study';
import type { BusFixture, Machine, MachineGuest, Workload } from '../../lib/machine';

/** A machine on a bus whose guest has the transport driver and the workload's driver. */
export async function machineOn(fixture: BusFixture, workload: Workload, devices = 2, guests = 1): Promise<Machine> {
  const machine = new Testbed(fixture, { seed: 1, devices, policy: 'lowest' }, workload).machine(guests);
  for (const guest of machine.guests) {
    await guest.boot();
    await guest.loadTransport();
  }
  return machine;
}

/** Devices of the workload's driver. */
export function boundDevices(guest: MachineGuest, { driver }: Workload): Device[] {
  const devices = [...(guest.kernel.busOf(driver.bus)?.devices() ?? [])];
  return devices.filter((dev) => dev.isBound && dev.driver?.def.name === driver.name);
}

/** What a guest's devices hold of its kernel. */
export function held(guest: MachineGuest): { readonly bytes: number; readonly interrupts: readonly string[] } {
  const { dma, irq } = guest.kernel;
  return { bytes: dma?.inUse ?? 0, interrupts: irq.list().map(({ name }) => name) };
}

/** Nothing went wrong on the way. */
export function expectQuiet(machine: Machine): void {
  expect(machine.world.oopses).to.deep.equal([]);
  expect(machine.guests.map(({ kernel }) => kernel.warnings)).to.deep.equal(machine.guests.map(() => 0));
}

/**
 * Tests that every driver of a class has to pass on every bus: use, unbind and bind again, and a device that
 * vanishes.
 */
export function worksOn(fixture: BusFixture, makeWorkload: () => Workload): void {
  it('serves every device, gives all back when unbound, and serves again', async () => {
    const workload = makeWorkload();
    const machine = await machineOn(fixture, workload);
    const guest = machine.guest();
    const before = held(guest);
    await guest.loadDriver(workload.driver);
    for (let round = 0; round < 2; round += 1) {
      const devices = boundDevices(guest, workload);
      expect(devices.length).to.equal(2);
      for (const dev of devices)
        expect(await workload.verify(guest, dev, machine.models), String(dev.name)).to.equal(true);
      const names = devices.map((dev) => String(dev.name));
      const dir = `/sys/bus/virtio/drivers/${workload.driver.name}`;
      for (const name of names) expect(await guest.write(`${dir}/unbind`, name)).to.equal(0);
      expect(held(guest)).to.deep.equal(before);
      for (const name of names) expect(await guest.write(`${dir}/bind`, name)).to.equal(0);
    }
    expectQuiet(machine);
  });

  it('loses its devices without a word, hangs nowhere and leaks nothing', async () => {
    const workload = makeWorkload();
    const machine = await machineOn(fixture, workload);
    const guest = machine.guest();
    await guest.loadDriver(workload.driver);
    for (const dev of boundDevices(guest, workload))
      expect(await workload.verify(guest, dev, machine.models)).to.equal(true);
    for (const plugged of machine.plugged) plugged.unplug();
    await guest.settle();
    await guest.rescan();
    expect(boundDevices(guest, workload)).to.deep.equal([]);
    const empty = await machineOn(fixture, workload, 0);
    expect(held(guest)).to.deep.equal(held(empty.guest()));
    expectQuiet(machine);
  });
}
