/** A step of the tour: something to type, and what it shows. */
export interface TourStep {
  readonly title: string;
  /** Before it is typed. */
  readonly intro: string;
  readonly command: string;
  /** Why the kernel does so; after its result was seen. */
  readonly reason: string;
}

/** Ten steps through the driver model, on the machine x86-pci. */
export const TOUR: readonly TourStep[] = [
  {
    title: 'What the scan has found',
    intro: 'A bus has a directory in /sys/bus, and in it a link for each of its devices.',
    command: 'ls /sys/bus/pci/devices',
    reason:
      'At boot the kernel reads the first register of each of the 256 places on a PCI bus; all ones mean that ' +
      'nothing is there (pci_scan_slot). Finding a device claims nothing: each of these can be had by any ' +
      'driver.',
  },
  {
    title: 'What a device is',
    intro: 'The identity of a device is one line of text.',
    command: 'cat /sys/bus/pci/devices/0000:00:04.0/modalias',
    reason:
      'Vendor 1AF4 and device 1044 are a virtio source of random numbers. Userspace compares this text with the ' +
      'patterns of all modules, so that the kernel need not know which module has the driver (MODALIAS in the ' +
      'event).',
  },
  {
    title: 'Who drives it',
    intro: 'A device that is bound has a link to its driver.',
    command: 'readlink /sys/bus/pci/devices/0000:00:04.0/driver',
    reason:
      'The bus asks each of its drivers in turn whether its table has the device (pci_bus_match); the first ' +
      'that does and whose probe succeeds is bound (really_probe). The driver has the link back, too.',
  },
  {
    title: 'One bus upon the other',
    intro: 'The driver of the PCI function has made another device, on another bus.',
    command: 'readlink /sys/bus/virtio/devices/virtio2; readlink /sys/bus/virtio/devices/virtio2/driver',
    reason:
      'virtio-pci only knows how to reach the registers. It registers a virtio device below its own, and on ' +
      'that bus virtio_rng is matched, which knows nothing of PCI. So the same driver works behind every kind ' +
      'of bus.',
  },
  {
    title: 'Taking the driver away',
    intro: 'Users may unbind: they write the name of the device into a file of the driver.',
    command: 'echo virtio2 > /sys/bus/virtio/drivers/virtio_rng/unbind; cat /sys/bus/virtio/devices/virtio2/status',
    reason:
      "The device stays: unbinding only calls the driver's remove (device_driver_detach). Its status fell from " +
      '0xf to 0x1, for the driver has reset it: somebody has seen the device, and nobody drives it.',
  },
  {
    title: 'What the kernel has told',
    intro: 'Each change is told to userspace, in the order in which it happened.',
    command: 'uevents',
    reason:
      'The event has no DRIVER and no MODALIAS: at `unbind` the driver is gone already, and without MODALIAS ' +
      'udev does not load a module for the device again (zap_modalias_env).',
  },
  {
    title: 'Why another driver will not have it',
    intro: 'There are more drivers on that bus. Ask which rule decides.',
    command: 'why virtio2 virtio_blk',
    reason:
      'virtio_blk wants device id 2, and this one is 4. A match has no side effect, so it can be asked at any ' +
      'time.',
  },
  {
    title: 'Binding, step by step',
    intro: 'Bind it again, and watch the driver core at work.',
    command: 'trace on; echo virtio2 > /sys/bus/virtio/drivers/virtio_rng/bind; trace off',
    reason:
      'Each line is a step that the kernel takes in this order, with the function that takes it. If one failed, ' +
      'those before it would be undone, the last one first.',
  },
  {
    title: 'A module goes, and comes back by a name',
    intro: 'Unload the transport, and have it loaded by the identity of a device.',
    command:
      'rmmod virtio_pci; ls /sys/bus/virtio/devices | wc -l; modprobe $(cat ' +
      '/sys/bus/pci/devices/0000:00:04.0/modalias); ls /sys/bus/virtio/devices | wc -l',
    reason:
      'With their transport the virtio devices went, though the functions behind them stayed. When the module ' +
      'came back it was offered every device again (driver_attach): it does not matter whether driver or device ' +
      'is first.',
  },
  {
    title: 'A device is plugged in',
    intro: 'The host can plug a device behind a root port while the guest runs.',
    command:
      'uevents > /dev/null; host device_add virtio-rng-pci,id=hot0,bus=rp0; uevents pci virtio; readlink ' +
      '/sys/bus/virtio/devices/virtio6',
    reason:
      'The hot-plug controller interrupts, and the kernel scans that slot as it did at boot. Four events tell ' +
      'of two devices: each is added, then bound, the inner one first, for it is bound while the outer one is ' +
      'still probed.',
  },
];
