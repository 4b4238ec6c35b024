import { BRIDGE, CAP, PCI, STATUS_CAP_LIST, AF, EXPRESS, EXPRESS_BIT, PM } from '../layout';

/** Bytes of a configuration space. */
type Config = Uint8Array;

function word(config: Config, at: number): number {
  return (config[at] ?? 0) + 256 * (config[at + 1] ?? 0);
}

/** Where a capability begins; 0 for none. */
function findCapability(config: Config, id: number): number {
  if ((word(config, PCI.STATUS) & STATUS_CAP_LIST) === 0) return 0;
  let at = config[PCI.CAPABILITY_LIST] ?? 0;
  for (let left = 48; left > 0 && at >= PCI.HEADER_END; left--) {
    if (config[at] === id) return at;
    at = config[at + 1] ?? 0;
  }
  return 0;
}

/** The ways in which a guest can reset one function by writing to its registers. */
export class ResetRegisters {
  readonly #express: number;
  readonly #af: number;
  readonly #pm: number;

  constructor(config: Config) {
    this.#express = findCapability(config, CAP.EXPRESS);
    this.#af = findCapability(config, CAP.AF);
    this.#pm = findCapability(config, CAP.PM);
  }

  /** Bits that a guest can write, by register. */
  writable(config: Config): readonly (readonly [at: number, bits: number])[] {
    return this.#canPm(config) ? [[this.#pm + PM.CTRL, PM.STATE]] : [];
  }

  /** Is this write a reset? Called before it is done. */
  isReset(config: Config, offset: number, width: number, value: number): boolean {
    const written = (at: number): number =>
      at < offset || at + 2 > offset + width ? 0 : Math.floor(value / 256 ** (at - offset)) & 0xffff;
    if (this.#canFlr(config) && (written(this.#express + EXPRESS.DEVCTL) & EXPRESS_BIT.DEVCTL_FLR) !== 0) return true;
    if (offset === this.#af + AF.CTRL && this.#canAfFlr(config) && (value & AF.CTRL_FLR) !== 0) return true;
    const ctrl = this.#pm + PM.CTRL;
    const sleeps = this.#canPm(config) && (word(config, ctrl) & PM.STATE) === PM.D3HOT;
    return sleeps && offset === ctrl && (value & PM.STATE) === 0;
  }

  #canFlr(config: Config): boolean {
    const high = word(config, this.#express + EXPRESS.DEVCAP + 2);
    return this.#express !== 0 && ((high << 16) & EXPRESS_BIT.DEVCAP_FLR) !== 0;
  }

  #canAfFlr(config: Config): boolean {
    return this.#af !== 0 && ((config[this.#af + AF.CAP] ?? 0) & AF.FLR) !== 0;
  }

  #canPm(config: Config): boolean {
    return this.#pm !== 0 && (word(config, this.#pm + PM.CTRL) & PM.NO_SOFT_RESET) === 0;
  }
}

/** Does this write to a bridge begin a reset of what is behind it? Called before it is done. */
export function startsBusReset(config: Config, offset: number, width: number, value: number): boolean {
  if (offset > BRIDGE.CONTROL || offset + width < BRIDGE.CONTROL + 1) return false;
  const control = Math.floor(value / 256 ** (BRIDGE.CONTROL - offset)) & 0xff;
  return (control & ~word(config, BRIDGE.CONTROL) & BRIDGE.CONTROL_BUS_RESET) !== 0;
}
