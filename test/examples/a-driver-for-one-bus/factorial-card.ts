import { PciFunction } from '../../../buses/vpci';

export const VENDOR = 0x1234;
export const DEVICE = 0x11e9;

/** Offsets in base register 0. */
export const REG = { NUMBER: 0, FACTORIAL: 4, BYTES: 4096 } as const;

/** A card without queues: write a number, read its factorial. */
export function factorialCard(): PciFunction {
  const config = new Uint8Array(256);
  const view = new DataView(config.buffer);
  view.setUint16(0x00, VENDOR, true);
  view.setUint16(0x02, DEVICE, true);
  view.setUint16(0x0a, 0x0b40, true); // class: a co-processor
  let number = 0;
  const read = (offset: number): number => (offset === REG.FACTORIAL ? factorial(number) : number);
  const write = (offset: number, _width: number, value: number): void => {
    if (offset === REG.NUMBER) number = value;
  };
  return new PciFunction({ config, bars: [{ index: 0, size: REG.BYTES, kind: 'mem32', handlers: { read, write } }] });
}

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}
