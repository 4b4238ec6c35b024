export { InterruptTable, type IrqAction, type IrqHandler } from './irq';
export { Softirqs } from './softirq';
export { DmaPool, type DmaBuffer, type DmaMemory } from './dma';
export { ioOr } from './io';
