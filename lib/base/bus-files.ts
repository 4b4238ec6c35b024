import { EINVAL, ENODEV } from '../errno';
import { kobjectGet } from '../kobject/kobject';
import { kobjectPut } from '../kobject/kobject-life';
import { kobjectSynthUevent } from '../kobject/synth-uevent';
import { andThen, type MaySleep } from '../may-sleep';
import { attrRw, attrWo } from '../sysfs/attribute';
import type { Bus } from './bus';
import { busRescanDevicesHelper } from './bus-device';
import { deviceDriverAttach, driverMatchDevice } from './dd';
import type { Device } from './device';
import type { Driver } from './driver';
import { deviceDriverDetach } from './release-driver';

/** A negative errno, or nothing: all of the text was taken. */
type Stored = number | undefined;

/** Finds a device for a text that was written, and holds it while `body` runs. */
function withDevice(bus: Bus, text: string, body: (dev: Device) => MaySleep<Stored>): MaySleep<Stored> {
  const dev = bus.findDevice(text);
  if (dev === null) return -ENODEV;
  dev.get();
  return andThen(body(dev), (result) => {
    dev.put();
    return result;
  });
}

/** @see drivers/base/bus.c bus_uevent_store */
export const busAttrUevent = attrWo<Bus>('uevent', (bus, text) => synth(bus, text));

/** Tries to bind the device of that name. @see drivers/base/bus.c drivers_probe_store */
export const busAttrDriversProbe = attrWo<Bus>('drivers_probe', (bus, text) =>
  withDevice(bus, text, (dev) => andThen(busRescanDevicesHelper(dev), (error) => (error === 0 ? undefined : -EINVAL))),
);

/** A text that begins with 0 means off, anything else on. @see drivers/base/bus.c drivers_autoprobe_store */
export const busAttrDriversAutoprobe = attrRw<Bus>(
  'drivers_autoprobe',
  (bus) => `${bus.driversAutoprobe ? '1' : '0'}\n`,
  (bus, text) => {
    bus.driversAutoprobe = !text.startsWith('0');
  },
);

/** @see drivers/base/bus.c uevent_store */
export const drvAttrUevent = attrWo<Driver>('uevent', (drv, text) => synth(drv, text));

function synth(kobj: Bus | Driver, text: string): number | undefined {
  return kobjectSynthUevent(kobj, text) || undefined;
}

/** Only a device that this very driver has. @see drivers/base/bus.c unbind_store */
export const drvAttrUnbind = attrWo<Driver>('unbind', (drv, text) =>
  holdingBus(drv, () =>
    withDevice(drv.bus, text, (dev) =>
      dev.driver === drv ? andThen(deviceDriverDetach(dev), () => undefined) : -ENODEV,
    ),
  ),
);

/** The driver must match the device. @see drivers/base/bus.c bind_store */
export const drvAttrBind = attrWo<Driver>('bind', (drv, text) =>
  holdingBus(drv, () =>
    withDevice(drv.bus, text, (dev) => {
      if (driverMatchDevice(drv, dev) === 0) return -ENODEV;
      return andThen(deviceDriverAttach(drv, dev), (error) => error || undefined);
    }),
  ),
);

function holdingBus(drv: Driver, body: () => MaySleep<Stored>): MaySleep<Stored> {
  kobjectGet(drv.bus);
  return andThen(body(), (result) => {
    kobjectPut(drv.bus);
    return result;
  });
}
