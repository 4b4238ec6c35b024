import type { MayNotSleep } from '../../may-sleep';
import { noPromise } from '../../world/atomic';

/** A participant of a hub: a network device, or any host code that receives and sends frames. */
export interface HubPort {
  /** A frame that another port has sent. Must neither throw nor sleep nor send at once. */
  receive(frame: Uint8Array): MayNotSleep;
}

/** A place on a hub. */
export interface HubPlace {
  /** Passes a frame to all other ports. */
  send(frame: Uint8Array): void;
  /** Leaves the hub. Safe to call twice. */
  unplug(): void;
}

/** An Ethernet hub: what one port sends, all others receive, in the order in which they were plugged. */
export class NetworkHub {
  readonly #ports = new Set<HubPort>();

  /** How many ports there are. */
  get size(): number {
    return this.#ports.size;
  }

  /** Adds a port; it receives frames that are sent from now on. */
  plug(port: HubPort): HubPlace {
    this.#ports.add(port);
    return { send: (frame) => this.#send(port, frame), unplug: () => void this.#ports.delete(port) };
  }

  /** Each gets a copy of its own: no port can change what another one sees. */
  #send(from: HubPort, frame: Uint8Array): void {
    if (!this.#ports.has(from)) return;
    for (const port of [...this.#ports]) {
      if (port !== from) noPromise(port.receive(frame.slice()), () => 'receive() of a port of a hub');
    }
  }
}
