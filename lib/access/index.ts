export { InterruptTable, type IrqHandler } from './irq';
export { Softirqs } from './softirq';
export { DmaPool, type DmaBuffer } from './dma';
export { ioOr } from './io';
