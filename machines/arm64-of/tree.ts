import { cells, cString, writeFdt, type FdtNode } from '../../buses/of-tree';
import { TRANSPORTS } from '../addresses';

type Value = string | readonly number[];

/** Texts, cells, or [] for a property without a value. */
function node(name: string, properties: Readonly<Record<string, Value>>, children: readonly FdtNode[] = []): FdtNode {
  const list = Object.entries(properties).map(([key, value]) => ({
    name: key,
    value: typeof value === 'string' ? cString(value) : cells(...value),
  }));
  return { name, properties: list, children };
}

const CLOCK = 0x8000;
const CPU = 0x8001;
const GIC = 0x8002;
const V2M = 0x8003;
const SPI = 0;
const PPI = 1;
const EDGE = 1;
const LEVEL = 4;
/** For the one processor. */
const MASK = 0x100;

/** The tree of QEMU's machine virt-7.2 with one processor and a GIC 2. */
export function virtTree(commandLine: string, memory: number): Uint8Array {
  const root = {
    'interrupt-parent': [GIC],
    model: 'linux,dummy-virt',
    '#size-cells': [2],
    '#address-cells': [2],
    compatible: 'linux,dummy-virt',
  };
  const children = [...platform(memory), ...transports(), ...peripherals(), ...processors(), chosen(commandLine)];
  return writeFdt({ root: node('', root, children) });
}

function platform(memory: number): readonly FdtNode[] {
  return [
    node('psci', {
      migrate: [0xc400_0005],
      cpu_on: [0xc400_0003],
      cpu_off: [0x8400_0002],
      cpu_suspend: [0xc400_0001],
      method: 'hvc',
      compatible: 'arm,psci-1.0\0arm,psci-0.2\0arm,psci',
    }),
    node('memory@40000000', { reg: [0, 0x4000_0000, 0, memory], device_type: 'memory' }),
    node('platform-bus@c000000', {
      'interrupt-parent': [GIC],
      ranges: [0, 0, 0x0c00_0000, 0x0200_0000],
      '#address-cells': [1],
      '#size-cells': [1],
      compatible: 'qemu,platform\0simple-bus',
    }),
    node('fw-cfg@9020000', { 'dma-coherent': [], reg: [0, 0x0902_0000, 0, 0x18], compatible: 'qemu,fw-cfg-mmio' }),
  ];
}

const FIRST_TRANSPORT = { base: 0x0a00_0000, bytes: 0x200, interrupt: 16 };

function transports(): readonly FdtNode[] {
  const { base, bytes, interrupt } = FIRST_TRANSPORT;
  return Array.from({ length: TRANSPORTS }, (_, index) => {
    const at = base + bytes * index;
    return node(`virtio_mmio@${at.toString(16)}`, {
      'dma-coherent': [],
      interrupts: [SPI, interrupt + index, EDGE],
      reg: [0, at, 0, bytes],
      compatible: 'virtio,mmio',
    });
  });
}

function peripherals(): readonly FdtNode[] {
  return [
    node('gpio-keys', { compatible: 'gpio-keys' }, [
      node('poweroff', { gpios: [GPIO, 3, 0], 'linux,code': [0x74], label: 'GPIO Key Poweroff' }),
    ]),
    node('pl061@9030000', {
      phandle: [GPIO],
      'clock-names': 'apb_pclk',
      clocks: [CLOCK],
      interrupts: [SPI, 7, LEVEL],
      'gpio-controller': [],
      '#gpio-cells': [2],
      compatible: 'arm,pl061\0arm,primecell',
      reg: [0, 0x0903_0000, 0, 0x1000],
    }),
    pcie(),
    node('pl031@9010000', {
      'clock-names': 'apb_pclk',
      clocks: [CLOCK],
      interrupts: [SPI, 2, LEVEL],
      reg: [0, 0x0901_0000, 0, 0x1000],
      compatible: 'arm,pl031\0arm,primecell',
    }),
    node('pl011@9000000', {
      'clock-names': 'uartclk\0apb_pclk',
      clocks: [CLOCK, CLOCK],
      interrupts: [SPI, 1, LEVEL],
      reg: [0, 0x0900_0000, 0, 0x1000],
      compatible: 'arm,pl011\0arm,primecell',
    }),
  ];
}

const GPIO = 0x8004;

function pcie(): FdtNode {
  // Four slots, four pins: the lines rotate.
  const map = [0, 1, 2, 3].flatMap((slot) =>
    [1, 2, 3, 4].flatMap((pin) => [slot << 11, 0, 0, pin, GIC, 0, 0, SPI, 3 + ((slot + pin - 1) % 4), LEVEL]),
  );
  return node('pcie@10000000', {
    'interrupt-map-mask': [0x1800, 0, 0, 7],
    'interrupt-map': map,
    '#interrupt-cells': [1],
    ranges: [
      ...[0x0100_0000, 0, 0, 0, 0x3eff_0000, 0, 0x1_0000],
      ...[0x0200_0000, 0, 0x1000_0000, 0, 0x1000_0000, 0, 0x2eff_0000],
      ...[0x0300_0000, 0x80, 0, 0x80, 0, 0x80, 0],
    ],
    reg: [0x40, 0x1000_0000, 0, 0x1000_0000],
    'msi-map': [0, V2M, 0, 0x1_0000],
    'dma-coherent': [],
    'bus-range': [0, 0xff],
    'linux,pci-domain': [0],
    '#size-cells': [2],
    '#address-cells': [3],
    device_type: 'pci',
    compatible: 'pci-host-ecam-generic',
  });
}

function processors(): readonly FdtNode[] {
  const v2m = node('v2m@8020000', {
    phandle: [V2M],
    reg: [0, 0x0802_0000, 0, 0x1000],
    'msi-controller': [],
    compatible: 'arm,gic-v2m-frame',
  });
  const intc = {
    phandle: [GIC],
    reg: [0, 0x0800_0000, 0, 0x1_0000, 0, 0x0801_0000, 0, 0x1_0000],
    compatible: 'arm,cortex-a15-gic',
    ranges: [],
    '#size-cells': [2],
    '#address-cells': [2],
    'interrupt-controller': [],
    '#interrupt-cells': [3],
  };
  const core = node('socket0', {}, [node('cluster0', {}, [node('core0', { cpu: [CPU] })])]);
  return [
    node('pmu', { interrupts: [PPI, 7, MASK | LEVEL], compatible: 'arm,armv8-pmuv3' }),
    node('intc@8000000', intc, [v2m]),
    node('flash@0', {
      'bank-width': [4],
      reg: [0, 0, 0, 0x0400_0000, 0, 0x0400_0000, 0, 0x0400_0000],
      compatible: 'cfi-flash',
    }),
    node('cpus', { '#size-cells': [0], '#address-cells': [1] }, [
      node('cpu-map', {}, [core]),
      node('cpu@0', { phandle: [CPU], reg: [0], compatible: 'arm,cortex-a57', device_type: 'cpu' }),
    ]),
    node('timer', {
      interrupts: [13, 14, 11, 10].flatMap((number) => [PPI, number, MASK | LEVEL]),
      'always-on': [],
      compatible: 'arm,armv8-timer\0arm,armv7-timer',
    }),
    node('apb-pclk', {
      phandle: [CLOCK],
      'clock-output-names': 'clk24mhz',
      'clock-frequency': [24_000_000],
      '#clock-cells': [0],
      compatible: 'fixed-clock',
    }),
  ];
}

function chosen(commandLine: string): FdtNode {
  return node('chosen', { bootargs: commandLine, 'stdout-path': '/pl011@9000000' });
}
