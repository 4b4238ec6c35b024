import type { PciDevice } from './device';
import { pcieType, readPcie, upstreamBridge } from './pcie';
import { EXPRESS, EXPRESS_BIT, PORT_TYPE } from '../layout';

/** Gigatransfers a second; 0 for an unknown speed. */
export type LinkSpeed = number;

/** By the number in a link's registers. @see drivers/pci/probe.c pcie_link_speed */
const LINK_SPEEDS: readonly LinkSpeed[] = [0, 2.5, 5, 8, 16, 32, 64];

/** Speed and width of a link, as it is or as it could be. */
export interface Link {
  readonly speed: LinkSpeed;
  /** Lanes. */
  readonly width: number;
}

/** @see drivers/pci/probe.c pci_speed_string */
export function speedString(speed: LinkSpeed): string {
  return speed === 0 ? 'Unknown' : `${speed.toFixed(1)} GT/s PCIe`;
}

/** What the link of a device runs at. @see drivers/pci/pci-sysfs.c current_link_speed_show, current_link_width_show */
export function currentLink(dev: PciDevice): Link {
  const status = readPcie(dev, EXPRESS.LNKSTA, 2);
  return {
    speed: LINK_SPEEDS[status & EXPRESS_BIT.LINK_SPEED] ?? 0,
    width: (status & EXPRESS_BIT.LINK_WIDTH) >> 4,
  };
}

/** What the device can: by the second register, or one of the two that the first one knows. @see pcie_get_speed_cap */
export function speedCap(dev: PciDevice): LinkSpeed {
  const vector = readPcie(dev, EXPRESS.LNKCAP2, 4);
  if (vector !== 0) return LINK_SPEEDS[31 - Math.clz32(vector & 0x7e)] ?? 0;
  const speed = readPcie(dev, EXPRESS.LNKCAP, 4) & EXPRESS_BIT.LINK_SPEED;
  return speed <= 2 ? (LINK_SPEEDS[speed] ?? 0) : 0;
}

/** 255, which means unknown, without the register. @see drivers/pci/pci.c pcie_get_width_cap */
export function widthCap(dev: PciDevice): number {
  const cap = readPcie(dev, EXPRESS.LNKCAP, 4);
  return cap === 0 ? 0xff : (cap & EXPRESS_BIT.LINK_WIDTH) >> 4;
}

/** Megabits a second of one lane, without what the encoding takes. @see drivers/pci/pci.h PCIE_SPEED2MBS_ENC */
function laneRate(speed: LinkSpeed): number {
  if (speed === 64) return 64_000;
  return Math.floor(speed <= 5 ? (speed * 1000 * 8) / 10 : (speed * 1000 * 128) / 130);
}

/** The slowest link between a device and the root. @see drivers/pci/pci.c pcie_bandwidth_available */
function slowestLink(dev: PciDevice): Link & { readonly rate: number; readonly at: PciDevice } {
  let slowest = { ...currentLink(dev), rate: 0, at: dev };
  for (let at: PciDevice | null = dev; at !== null; at = upstreamBridge(at)) {
    const link = currentLink(at);
    const rate = link.width * laneRate(link.speed);
    if (slowest.rate === 0 || rate <= slowest.rate) slowest = { ...link, rate, at };
  }
  return slowest;
}

/**
 * Says when a device gets less than it can do.
 *
 * @see drivers/pci/probe.c pcie_report_downtraining
 */
export function reportDowntraining(dev: PciDevice): void {
  const type = pcieType(dev);
  const isEnd = type === PORT_TYPE.ENDPOINT || type === PORT_TYPE.LEGACY_ENDPOINT || type === PORT_TYPE.UPSTREAM;
  if (dev.pcie === null || !isEnd || (dev.devfn & 7) !== 0) return;
  const can = { speed: speedCap(dev), width: widthCap(dev) };
  const rate = can.speed === 0 || can.width === 0xff ? 0 : can.width * laneRate(can.speed);
  const slowest = slowestLink(dev);
  if (slowest.rate >= rate) return;
  const limit = `${linkString(slowest)} at ${String(slowest.at.name)}`;
  const capable = `(capable of ${gigabits(rate)} with ${linkString(can)})`;
  dev.info(`${gigabits(slowest.rate)} available PCIe bandwidth, limited by ${limit} ${capable}`);
}

function gigabits(megabits: number): string {
  return `${String(Math.floor(megabits / 1000))}.${String(megabits % 1000).padStart(3, '0')} Gb/s`;
}

function linkString({ speed, width }: Link): string {
  return `${speedString(speed)} x${String(width)} link`;
}
