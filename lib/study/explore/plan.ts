import { TRANSPORT, type Operation, type Order } from './operation';

/** What is so when an order has been done, on any bus: as far as it decides what is possible next. */
export class Plan {
  readonly #started = new Set<number>();
  readonly #withTransport = new Set<number>();
  readonly #absent = new Set<number>();
  /** Devices that a user has taken from their driver. */
  readonly #unbound = new Set<number>();
  readonly #done: Operation[] = [];

  constructor(order: Order = []) {
    for (const operation of order) this.do(operation);
  }

  /** Each operation is done once at most, and only where it does something. */
  allows(operation: Operation): boolean {
    return !this.#done.includes(operation) && this.#hasEffect(operation);
  }

  do(operation: Operation): void {
    this.#done.push(operation);
    const { kind, guest } = operation;
    if (kind === 'start') this.#started.add(guest);
    if (kind === 'register' && operation.driver === TRANSPORT) this.#withTransport.add(guest);
    if (!('device' in operation)) return;
    // A device that comes back is a new one, which drivers are offered.
    this.#unbound.delete(operation.device);
    if (kind === 'unbind') this.#unbound.add(operation.device);
    if (kind === 'unplug') this.#absent.add(operation.device);
    if (kind === 'plug') this.#absent.delete(operation.device);
  }

  #hasEffect(operation: Operation): boolean {
    switch (operation.kind) {
      case 'start':
        return !this.#started.has(operation.guest);
      case 'scan':
      case 'register':
        return this.#started.has(operation.guest);
      case 'plug':
        return this.#absent.has(operation.device);
      case 'unplug':
        return !this.#absent.has(operation.device);
      case 'unbind':
        return this.#canBind(operation) && !this.#unbound.has(operation.device);
      case 'bind':
        return this.#canBind(operation) && this.#unbound.has(operation.device);
    }
  }

  #canBind({ device, guest }: { readonly device: number; readonly guest: number }): boolean {
    return this.#withTransport.has(guest) && !this.#absent.has(device);
  }
}
