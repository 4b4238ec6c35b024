import { EAGAIN } from '../../errno';
import { devMessage, type Device, type DpmStage } from '../device';
import type { KernelCore } from '../kernel-core';
import { callPm, PM_SUSPEND, type PmPhase, type PmSleepEvent } from './pm-ops';
import { dpmResumeEarly, dpmResumeStart } from './resume';

/**
 * Prepares all devices, parents first, and suspends them, children first. New probes are deferred from here on until
 * dpm_resume_end, which the caller must call whatever the result.
 *
 * @returns 0 or the error of a callback
 * @see drivers/base/power/main.c dpm_suspend_start
 */
export async function dpmSuspendStart(kernel: KernelCore, event = PM_SUSPEND): Promise<number> {
  const error = await dpmPrepare(kernel, event);
  return error === 0 ? dpmSuspend(kernel, event) : error;
}

/** -EAGAIN skips a device, another refusal ends. @see drivers/base/power/main.c dpm_prepare */
async function dpmPrepare(kernel: KernelCore, event: PmSleepEvent): Promise<number> {
  await kernel.waitForDeviceProbe();
  await kernel.blockProbing();
  const { dpm } = kernel;
  for (let dev = dpm.first('on'); dev !== undefined; dev = dpm.first('on')) {
    dev.get();
    const error = await prepareDevice(dev, event);
    if (error === 0) dpm.move(dev, 'prepared', 'tail');
    dev.put();
    if (error === 0 || error === -EAGAIN) continue;
    kernel.log.info(devMessage(dev, `not prepared for power transition: code ${String(error)}`));
    return error;
  }
  return 0;
}

/** @see drivers/base/power/main.c device_prepare */
async function prepareDevice(dev: Device, event: PmSleepEvent): Promise<number> {
  await dev.lock();
  const result = await callPm(dev, 'prepare');
  dev.unlock();
  dev.directComplete = result > 0 && event === PM_SUSPEND;
  return Math.min(result, 0);
}

/** @see drivers/base/power/main.c dpm_suspend */
async function dpmSuspend(kernel: KernelCore, { op, verb }: PmSleepEvent): Promise<number> {
  return walkDown({ kernel, from: 'prepared', to: 'suspended', what: verb }, async (dev) => {
    if (dev.directComplete) return 0;
    await dev.lock();
    const error = await callPm(dev, op);
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
 * The late and the noirq phase. When one is refused, what is in these phases is resumed to the end of
 * dpm_suspend_start.
 *
 * @see drivers/base/power/main.c dpm_suspend_end
 */
export async function dpmSuspendEnd(kernel: KernelCore, event = PM_SUSPEND): Promise<number> {
  const { verb, resumeEvent } = event;
  const late = { kernel, from: 'suspended', to: 'late-early', what: `${verb} late`, moveRefused: true } as const;
  const lateError = await walkDown(late, (dev) => phaseOf(dev, event.lateEarly));
  if (lateError !== 0) {
    await dpmResumeEarly(kernel, resumeEvent);
    return lateError;
  }
  kernel.irq.suspend();
  const noirq = { kernel, from: 'late-early', to: 'noirq', what: `${verb} noirq` } as const;
  const error = await walkDown(noirq, (dev) => phaseOf(dev, event.noirq));
  if (error !== 0) await dpmResumeStart(kernel, resumeEvent);
  return error;
}

async function phaseOf(dev: Device, phase: PmPhase): Promise<number> {
  return dev.directComplete ? 0 : callPm(dev, phase);
}

interface WalkDown {
  readonly kernel: KernelCore;
  readonly from: DpmStage;
  readonly to: DpmStage;
  /** For the message about a refusal. */
  readonly what: string;
  /** The device that refused is moved too, as the late phase does. */
  readonly moveRefused?: boolean;
}

/** From the tail of one list to the head of the next, until one refuses. */
async function walkDown(walk: WalkDown, step: (dev: Device) => Promise<number>): Promise<number> {
  const { kernel, from, to, what, moveRefused = false } = walk;
  const { dpm } = kernel;
  for (let dev = dpm.last(from); dev !== undefined; dev = dpm.last(from)) {
    dev.get();
    const error = await step(dev);
    if (error === 0 || moveRefused) dpm.move(dev, to, 'head');
    if (error !== 0) kernel.log.err(devMessage(dev, `PM: failed to ${what}: error ${String(error)}`));
    dev.put();
    if (error !== 0) return error;
  }
  return 0;
}
