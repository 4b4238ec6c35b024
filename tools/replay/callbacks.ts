import type { Device, DevPmOps, UeventEnv } from '../../lib';
import { andThen, isPending, type MaySleep } from '../../lib';
import type { Lab } from './lab';
import { driverHandle, drvOf, LabDev, type LabDevice, type LabDrv } from './lab-objects';
import { showResult } from './numbers';
import type { ProbeSpec } from './values';

/** Probes in one op after which the lab refuses more, so that no program loops for ever. */
const RUNAWAY = 400;
/** Hooks inside hooks. */
const MAX_NESTING = 4;
const MAX_LINE = 900;
const ENODEV = 19;
const EPROBE_DEFER = 517;

/** A uevent callback: traces its arguments, then adds `LAB_WHAT=HANDLE` or fails. */
export function traceUevent(lab: Lab, what: string, on: number, env: UeventEnv): number {
  lab.trace.line(['uevent', what, `ret=${showResult(on === 1 ? 0 : on)}`, 'env', ...env.vars].join(' '));
  return on === 1 ? 0 : on;
}

function evaluate(lab: Lab, spec: ProbeSpec): number {
  switch (spec.kind) {
    case 'fixed':
      return spec.value;
    case 'count':
      if (spec.left === 0) return 0;
      spec.left--;
      return spec.value;
    case 'defer':
      return lab.objects.find(LabDev, spec.dev)?.device.linksStatus === 'driver-bound' ? 0 : -EPROBE_DEFER;
  }
}

/** Probe of a driver, or of a bus for a driver. */
export function probe(lab: Lab, device: LabDevice, by: '' | ' by=bus'): MaySleep<number> {
  const dev = device.lab;
  const drv = drvOf(driverOf(device));
  if (++lab.probes > RUNAWAY) {
    lab.trace.line(`runaway drv=${drv.handle} dev=${dev.handle}`);
    return -ENODEV;
  }
  const result = evaluate(lab, dev.probe ?? drv.probe);
  lab.trace.line(`probe drv=${drv.handle} dev=${dev.handle}${by} ret=${showResult(result)}`);
  return atWork(dev, () => {
    for (const name of drv.devm) lab.resources.addAction(dev, name);
    return andThen(runHook(lab, drv, dev, 'probe'), () => result);
  });
}

/** Remove of a driver, or of a bus for a driver. */
export function remove(lab: Lab, device: LabDevice, by: '' | ' by=bus'): MaySleep<void> {
  const dev = device.lab;
  const drv = drvOf(driverOf(device));
  lab.trace.line(`remove drv=${drv.handle} dev=${dev.handle}${by}`);
  return atWork(dev, () => runHook(lab, drv, dev, 'remove'));
}

function driverOf(device: Device): NonNullable<Device['driver']> {
  if (device.driver === null) throw new Error(`callback for ${String(device.name)}, which has no driver`);
  return device.driver;
}

function atWork<T>(dev: LabDev, body: () => MaySleep<T>): MaySleep<T> {
  dev.callbacks++;
  dev.probing++;
  const done = (value: T): T => {
    dev.probing--;
    dev.callbacks--;
    return value;
  };
  const result = body();
  return isPending(result) ? result.then(done) : done(result);
}

function runHook(lab: Lab, drv: LabDrv, dev: LabDev, which: 'probe' | 'remove'): MaySleep<void> {
  const template = drv.hooks[which];
  if (template === null) return undefined;
  return andThen(runTemplate(lab, drv, dev, template), () => {
    lab.trace.line(`${which}-end drv=${drv.handle} dev=${dev.handle}`);
  });
}

function runTemplate(lab: Lab, drv: LabDrv, dev: LabDev, template: string): MaySleep<void> {
  if (lab.nesting >= MAX_NESTING) {
    lab.trace.line(`hook-limit drv=${drv.handle} dev=${dev.handle}`);
    return undefined;
  }
  lab.nesting++;
  return andThen(lab.runHookLine(lab, expand(template, dev.handle)), () => {
    lab.nesting--;
  });
}

/** Every `%` becomes the handle; what is longer than a line is cut. */
function expand(template: string, handle: string): string {
  let line = '';
  for (const char of template) {
    if (line.length >= MAX_LINE) break;
    line += char === '%' ? handle : char;
  }
  return line;
}

const PM_PHASES = {
  prepare: 'prepare',
  suspend: 'suspend',
  suspendLate: 'suspend_late',
  suspendNoirq: 'suspend_noirq',
  resumeNoirq: 'resume_noirq',
  resumeEarly: 'resume_early',
  resume: 'resume',
} as const;

/** Callbacks of power management that trace their calls; suspend returns `result`. */
export function pmOps(lab: Lab, by: 'drv' | 'bus' | 'class', result: number): DevPmOps<LabDevice> {
  const phases = Object.entries(PM_PHASES).map(([name, phase]) => {
    const ret = phase === 'suspend' ? result : 0;
    const callback = (dev: LabDevice): number => {
      lab.trace.line(`pm phase=${phase} dev=${dev.lab.handle} by=${by} ret=${showResult(ret)}`);
      return ret;
    };
    return [name, callback] as const;
  });
  const complete = (dev: LabDevice): void => lab.trace.line(`pm phase=complete dev=${dev.lab.handle} by=${by}`);
  return { ...Object.fromEntries(phases), complete };
}

/** Traces the current driver of the device. */
export function traceDma(lab: Lab, device: LabDevice, result: number): number {
  const shown = result === 1 ? 0 : result;
  lab.trace.line(`dma_configure dev=${device.lab.handle} drv=${driverHandle(device)} ret=${showResult(shown)}`);
  return shown;
}

/** The release callback of a device, of its type or of its class. */
export function released(lab: Lab, device: LabDevice, by: 'dev' | 'type' | 'class'): void {
  lab.trace.line(`release dev=${device.lab.handle} by=${by}`);
  device.lab.released = true;
}
