import { LabError } from './lab-error';
import type { LabDev } from './lab-objects';
import type { TraceWriter } from './trace-writer';

/** A managed action or a group that the program can name. */
export interface Resource {
  readonly dev: LabDev;
  readonly name: string;
  readonly isGroup: boolean;
  live: boolean;
}

/** The managed resources of all devices, as the program names them. */
export class Resources {
  readonly #trace: TraceWriter;
  #all: Resource[] = [];

  constructor(trace: TraceWriter) {
    this.#trace = trace;
  }

  /** devm_add_action() of an action that traces its call. */
  addAction(dev: LabDev, name: string): void {
    const resource = this.#make(dev, name, false);
    const action = (): void => {
      resource.live = false;
      this.#trace.line(`devm dev=${dev.handle} name=${name}`);
    };
    dev.device.devm.addAction(action, name, resource);
  }

  makeGroup(dev: LabDev, name: string): Resource {
    return this.#make(dev, name, true);
  }

  find(dev: LabDev, name: string, isGroup: boolean): Resource | undefined {
    return this.#all.findLast((r) => r.live && r.dev === dev && r.isGroup === isGroup && r.name === name);
  }

  /** @throws LabError unknown */
  get(dev: LabDev, name: string, isGroup: boolean): Resource {
    const found = this.find(dev, name, isGroup);
    const what = isGroup ? 'group' : 'action';
    if (found === undefined) throw new LabError('unknown', `dev ${dev.handle} has no live ${what} ${name}`);
    return found;
  }

  /** Has the device any live action or group? */
  any(dev: LabDev): boolean {
    return this.#all.some((r) => r.live && r.dev === dev);
  }

  clear(): void {
    this.#all = [];
  }

  #make(dev: LabDev, name: string, isGroup: boolean): Resource {
    const resource: Resource = { dev, name, isGroup, live: true };
    this.#all.push(resource);
    return resource;
  }
}
