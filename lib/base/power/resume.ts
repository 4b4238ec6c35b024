import { devMessage, type Device, type DpmStage } from '../device';
import type { KernelCore } from '../kernel-core';
import { callPm, PM_RESUME, type PmEvent, type PmPhase } from './pm-ops';

/** @see drivers/base/power/main.c dpm_resume_noirq */
async function dpmResumeNoirq(kernel: KernelCore, { verb, noirq }: PmEvent): Promise<void> {
  await walkUp(kernel, 'noirq', 'late-early', (dev) => wake(dev, noirq, `${verb} noirq`));
  kernel.irq.resume();
}

/** @see drivers/base/power/main.c dpm_resume_early */
export async function dpmResumeEarly(kernel: KernelCore, { verb, lateEarly }: PmEvent): Promise<void> {
  await walkUp(kernel, 'late-early', 'suspended', (dev) => wake(dev, lateEarly, `${verb} early`));
}

/** The noirq and the early phase. @see drivers/base/power/main.c dpm_resume_start */
export async function dpmResumeStart(kernel: KernelCore, event = PM_RESUME): Promise<void> {
  await dpmResumeNoirq(kernel, event);
  await dpmResumeEarly(kernel, event);
}

/** Resumes, parents first, and completes, children first; then probing is allowed again. @see main.c dpm_resume_end */
export async function dpmResumeEnd(kernel: KernelCore, event = PM_RESUME): Promise<void> {
  await walkUp(kernel, 'suspended', 'prepared', (dev) => resumeDevice(dev, event));
  await dpmComplete(kernel);
}

async function wake(dev: Device, phase: PmPhase, what: string): Promise<void> {
  if (!dev.directComplete) reportError(dev, what, await callPm(dev, phase));
}

/** @see drivers/base/power/main.c __device_resume */
async function resumeDevice(dev: Device, { op, verb }: PmEvent): Promise<void> {
  if (dev.directComplete) return;
  await dev.lock();
  reportError(dev, verb, await callPm(dev, op));
  dev.unlock();
}

/** @see drivers/base/power/main.c pm_dev_err */
function reportError(dev: Device, what: string, error: number): void {
  if (error !== 0) dev.kernel.log.err(devMessage(dev, `PM: failed to ${what}: error ${String(error)}`));
}

/** @see drivers/base/power/main.c dpm_complete */
async function dpmComplete(kernel: KernelCore): Promise<void> {
  const { dpm } = kernel;
  for (let dev = dpm.last('prepared'); dev !== undefined; dev = dpm.last('prepared')) {
    dev.get();
    // Ahead of those completed before and of devices that were added meanwhile.
    dpm.move(dev, 'on', 'head');
    await dev.lock();
    await callPm(dev, 'complete');
    dev.unlock();
    dev.put();
  }
  await kernel.unblockProbing();
}

/** From the head of one list to the tail of the next. */
async function walkUp(
  kernel: KernelCore,
  from: DpmStage,
  to: DpmStage,
  step: (dev: Device) => Promise<void>,
): Promise<void> {
  const { dpm } = kernel;
  for (let dev = dpm.first(from); dev !== undefined; dev = dpm.first(from)) {
    dev.get();
    dpm.move(dev, to, 'tail');
    await step(dev);
    dev.put();
  }
}
