import type { Uevent } from '../kobject/uevent';

/** Uevents of a kernel since somebody asked last. */
export class UeventQueue {
  #events: Uevent[] = [];

  add(event: Uevent): void {
    this.#events.push(event);
    if (this.#events.length > MOST) this.#events.shift();
  }

  /** The events since the last call; they are forgotten. */
  take(): readonly Uevent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}

/** So many that nobody has asked for are kept. */
const MOST = 10_000;
