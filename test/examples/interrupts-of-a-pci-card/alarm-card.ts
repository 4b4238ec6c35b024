import { PciFunction, type FunctionOptions } from '../../../buses/vpci';
import type { Timer, World } from '../../../lib';

export const VENDOR = 0x1234;
export const DEVICE = 0x11ea;

/** Offsets in base register 0. */
export const REG = {
  /** Written: rings once after this number of microseconds; 0 cancels that. */
  DELAY: 0,
  /** Bit 0: it has rung. Write 1 to clear. */
  STATUS: 4,
  BYTES: 4096,
} as const;

const RUNG = 1;

/** A card that interrupts by a message if the guest has enabled messages, and by its pin otherwise. */
export function alarmCard(world: World, interrupts: Pick<FunctionOptions, 'pin' | 'messages'>): PciFunction {
  let status = 0;
  let timer: Timer | null = null;
  const ring = (): void => {
    status |= RUNG;
    if (card.messagesEnabled) card.sendMessage(0);
    else card.setPin(true);
  };
  const read = (offset: number): number => (offset === REG.STATUS ? status : 0);
  const write = (offset: number, _width: number, value: number): void => {
    if (offset === REG.DELAY) {
      timer?.cancel();
      timer = value === 0 ? null : world.after(value * 1000, ring);
    } else if (offset === REG.STATUS) {
      status &= ~value;
      card.setPin(status !== 0);
    }
  };
  const bars = [{ index: 0, size: REG.BYTES, kind: 'mem32', handlers: { read, write } }] as const;
  const card = new PciFunction({ config: header(), bars, ...interrupts });
  return card;
}

function header(): Uint8Array {
  const config = new Uint8Array(256);
  const view = new DataView(config.buffer);
  view.setUint16(0x00, VENDOR, true);
  view.setUint16(0x02, DEVICE, true);
  view.setUint16(0x0a, 0x0803, true); // class: a clock
  return config;
}
