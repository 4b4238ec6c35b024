import { EAGAIN } from '../../errno';
import { devMessage, type Device } from '../device';
import type { Kernel } from '../kernel';
import type { DpmStage } from './dpm-lists';
import { callPm, type PmPhase } from './pm-ops';
import { dpmResumeEarly, dpmResumeNoirq } from './resume';

/**
 * Prepares all devices, parents first, and suspends them, children first. New probes are deferred from here on until
 * dpm_resume_end, which the caller owes whatever the result.
 *
 * @returns 0 or what a callback refused with
 * @see drivers/base/power/main.c dpm_suspend_start
 */
export async function dpmSuspendStart(kernel: Kernel): Promise<number> {
  const error = await dpmPrepare(kernel);
  return error === 0 ? dpmSuspend(kernel) : error;
}

/** -EAGAIN skips a device, another refusal ends. @see drivers/base/power/main.c dpm_prepare */
async function dpmPrepare(kernel: Kernel): Promise<number> {
  await kernel.waitForDeviceProbe();
  await kernel.blockProbing();
  const { dpm } = kernel;
  for (let dev = dpm.first('on'); dev !== undefined; dev = dpm.first('on')) {
    dev.get();
    const error = await prepareDevice(dev);
    if (error === 0) dpm.move(dev, 'prepared', 'tail');
    dev.put();
    if (error === 0 || error === -EAGAIN) continue;
    kernel.log.info(devMessage(dev, `not prepared for power transition: code ${String(error)}`));
    return error;
  }
  return 0;
}

/** @see drivers/base/power/main.c device_prepare */
async function prepareDevice(dev: Device): Promise<number> {
  await dev.lock();
  const result = await callPm(dev, 'prepare');
  dev.unlock();
  dev.directComplete = result > 0;
  return Math.min(result, 0);
}

/** @see drivers/base/power/main.c dpm_suspend */
async function dpmSuspend(kernel: Kernel): Promise<number> {
  return walkDown(kernel, 'prepared', 'suspended', async (dev) => {
    if (dev.directComplete) return 0;
    await dev.lock();
    const error = await callPm(dev, 'suspend');
    if (error === 0) clearSuperiorsDirectComplete(dev);
    dev.unlock();
    return error;
  });
}

/** What sleeps needs those above it awake until then. @see main.c dpm_clear_superiors_direct_complete */
function clearSuperiorsDirectComplete(dev: Device): void {
  if (dev.parent !== null) dev.parent.directComplete = false;
  for (const link of dev.suppliers) link.supplier.directComplete = false;
}

/**
 * The late and the noirq phase. When one is refused, what is in these phases is resumed to the end of dpm_suspend_start.
 *
 * @see drivers/base/power/main.c dpm_suspend_end
 */
export async function dpmSuspendEnd(kernel: Kernel): Promise<number> {
  const late = await walkDown(kernel, 'suspended', 'late-early', (dev) => phaseOf(dev, 'suspendLate'), true);
  if (late !== 0) {
    await dpmResumeEarly(kernel);
    return late;
  }
  const noirq = await walkDown(kernel, 'late-early', 'noirq', (dev) => phaseOf(dev, 'suspendNoirq'));
  if (noirq !== 0) {
    await dpmResumeNoirq(kernel);
    await dpmResumeEarly(kernel);
  }
  return noirq;
}

async function phaseOf(dev: Device, phase: PmPhase): Promise<number> {
  return dev.directComplete ? 0 : callPm(dev, phase);
}

/**
 * From the tail of one list to the head of the next, until one refuses.
 *
 * @param moveRefused the device that refused is moved too, as the late phase does
 */
async function walkDown(
  kernel: Kernel,
  from: DpmStage,
  to: DpmStage,
  step: (dev: Device) => Promise<number>,
  moveRefused = false,
): Promise<number> {
  const { dpm } = kernel;
  for (let dev = dpm.last(from); dev !== undefined; dev = dpm.last(from)) {
    dev.get();
    const error = await step(dev);
    if (error === 0 || moveRefused) dpm.move(dev, to, 'head');
    if (error !== 0) kernel.log.err(devMessage(dev, `PM: failed to suspend: error ${String(error)}`));
    dev.put();
    if (error !== 0) return error;
  }
  return 0;
}
