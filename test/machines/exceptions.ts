import type { Difference } from './listing';

/** Differences that are meant. */
export interface Exception {
  /** First cell of the row in not-modelled.md that tells a user of them. */
  readonly row: string;
  /** What makes them. */
  readonly why: string;
  /** Directories that they are in. */
  readonly where: RegExp;
  /** Whole names; each of them differs somewhere. */
  readonly names: readonly RegExp[];
}

const DISK = /\/block\/vda$/;
const VIRTIO_DRIVERS = /^\/sys\/bus\/virtio\/drivers$/;

/**
 * Names that the recorded machines have and the worlds here do not. A name that no machine needs fails the test.
 */
export const EXCEPTIONS: readonly Exception[] = [
  { row: 'runtime PM, wakeup sources, PM domains', why: 'power/', where: /^\/sys\/devices/, names: [/^power$/] },
  {
    row: 'ACPI',
    why: 'links to its nodes, its devices, and what waits for them',
    where: /^\/sys\/devices\/pci0000:00/,
    names: [/^firmware_node$/, /^QEMU0002:00$/, /^waiting_for_supplier$/],
  },
  {
    row: 'PCI: slots with names, ACPI and SMBIOS names of devices',
    why: 'slots that ACPI names',
    where: /^\/sys\/bus\/pci\/slots$/,
    names: [/^0$/, /^0-2$/],
  },
  {
    row: 'PCI: services of ports, error reports',
    why: 'pcieport is bound to the root ports',
    where: /\/0000:00:1c\.[01]$/,
    names: [/:pcie001$/, /:pcie002$/, /:pcie010$/, /^driver$/, /^msi_irqs$/],
  },
  {
    row: 'packed virtqueues, drivers that need the legacy interface',
    why: 'a transitional device has ports',
    where: /\/0000:00:08\.0$/,
    names: [/^resource0$/],
  },
  {
    row: 'PCI: an empty `msi_irqs` of a driver that asked for messages and got none',
    why: 'the function has no messages',
    where: /\/0000:00:06\.0$/,
    names: [/^msi_irqs$/],
  },
  { row: 'remote processors', why: 'a driver for them', where: VIRTIO_DRIVERS, names: [/^virtio_rproc_serial$/] },
  {
    row: 'remote processors',
    why: 'a driver for them',
    where: /^\/sys\/module\/virtio_console\/drivers$/,
    names: [/^virtio:virtio_rproc_serial$/],
  },
  {
    row: 'module files, symbols, parameters',
    why: 'what a file of a module tells',
    where: /^\/sys\/module\/\w+$/,
    names: [
      /^coresize$/,
      /^initsize$/,
      /^notes$/,
      /^parameters$/,
      /^sections$/,
      /^taint$/,
      /^srcversion$/,
      /^version$/,
    ],
  },
  {
    row: 'drivers of other devices',
    why: 'drivers that the recorded kernels have besides',
    where: /^\/sys\/bus\/(pci|platform)\/drivers$/,
    names: [/^[\w.-]+$/],
  },
  {
    row: 'drivers of other devices',
    why: 'platform devices that they make',
    where: /^\/sys\/(bus\/platform\/devices|devices\/platform)$/,
    names: [/^reg-dummy$/, /^serial8250$/, /^platform-framebuffer\.0$/, /^psci-cpuidle$/, /^alarmtimer\.0\.auto$/],
  },
  {
    row: 'drivers of other devices',
    why: 'what drivers of the board make',
    where: /^\/sys\/devices\/platform\/[0-9a-f]+\.(pl011|pl031|pl061|pcie)$/,
    names: [/^tty$/, /^rtc$/, /^wakeup$/, /^gpio$/, /^gpiochip0$/, /^pci0000:00$/],
  },
  { row: 'page cache, partitions, request merging', why: 'bdi', where: DISK, names: [/^bdi$/] },
  {
    row: 'I/O schedulers, tracing of requests, discard, writeback throttling',
    why: 'blktrace',
    where: DISK,
    names: [/^trace$/],
  },
  {
    row: 'I/O schedulers, tracing of requests, discard, writeback throttling',
    why: 'settings of mq-deadline',
    where: /\/vda\/queue$/,
    names: [/^iosched$/],
  },
  {
    row: 'IP, offloads, several queues, linkwatch',
    why: 'buffers that are merged (MRG_RXBUF)',
    where: /\/queues\/rx-0$/,
    names: [/^virtio_net$/],
  },
];

/** The name of the list that a difference falls under: what is recorded and is not here. */
export function exceptionFor({ path, found }: Difference): RegExp | undefined {
  if (found !== null) return undefined;
  const slash = path.lastIndexOf('/');
  const [dir, name] = [path.slice(0, slash), path.slice(slash + 1)];
  for (const { where, names } of EXCEPTIONS) {
    const known = where.test(dir) ? names.find((each) => each.test(name)) : undefined;
    if (known !== undefined) return known;
  }
  return undefined;
}
