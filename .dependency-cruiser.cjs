/**
 * Who may import whom; an import of a type counts like any other. Direction: drivers -> lib; buses -> lib; inside lib
 * study -> machine -> all, virtio -> base -> kobject, sysfs.
 */
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const ts = (dir, names) => names.split(' ').map((name) => `${dir}/${name}.ts`);

/** Knots: files that need each other. All there are are listed, so that a circle anywhere else is an error. */
const KNOTS = {
  // Device, bus, driver and class name each other, as in the kernel's include/linux/device.h, and a kernel has them all.
  base: ts(
    'lib/base',
    'bus class core-ops deferred device driver kernel-core key-index types power/dpm-lists links/device-link ' +
      'links/fw-devlink links/fw-devlink-cycles links/fwnode links/links',
  ),
  // An object is in a set, a set is an object, and both send events: the kernel's include/linux/kobject.h.
  kobject: ts('lib/kobject', 'kobject kobject-life kset uevent uevent-env'),
};

/** Halves of the styles of access. */
const STYLE_GUEST = '^lib/access/styles/.*(guest|transport)';
const STYLE_HOST = '^lib/access/styles/.*(host|call-args)';

const oneOf = (files) => `^(${files.join('|').replaceAll('.', '\\.')})$`;

module.exports = {
  forbidden: [
    forbid(
      'no-cycles',
      'Modules that need each other cannot be read apart.',
      { pathNot: oneOf(Object.values(KNOTS).flat()) },
      { circular: true },
    ),
    ...Object.entries(KNOTS).map(([knot, files]) =>
      forbid(
        `no-cycles-beyond-${knot}`,
        'A circle goes through files of one knot only.',
        { path: oneOf(files) },
        { circular: true, via: { pathNot: oneOf(files) } },
      ),
    ),
    forbid(
      'lib-alone',
      'lib knows no bus, driver, tool or test.',
      { path: '^lib/' },
      { path: '^(buses|drivers|tools|test)/' },
    ),
    forbid(
      'lib-no-packages',
      'lib, drivers and buses run in a browser.',
      { path: '^(lib|drivers|buses|machines)/' },
      { dependencyTypes: ['npm', 'npm-dev', 'core'] },
    ),
    forbid(
      'drivers-know-lib',
      'A driver knows the virtio bus only, and so runs on every bus.',
      { path: '^drivers/' },
      { path: '^(buses|tools|test)/' },
    ),
    forbid(
      'buses-know-lib',
      'A bus knows no driver, no other bus and no study: the contract that it fulfils is in lib/machine/fixture.ts.',
      { path: '^buses/([^/]+)/' },
      { path: '^(drivers|tools|test|lib/study|buses/(?!$1/))' },
    ),
    forbid(
      'bus-guest-alone',
      'Guest and host share nothing but a port; the guest half knows no transport. Only index joins them.',
      { path: '^buses/([^/]+)/guest/' },
      { path: '^buses/$1/(?!(guest|layout)/|layout\\.ts$)' },
    ),
    forbid(
      'bus-host-alone',
      'Host and guest share nothing but a port.',
      { path: '^buses/([^/]+)/host/' },
      { path: '^buses/$1/(?!(host|layout)/|layout\\.ts$)' },
    ),
    forbid(
      'bus-virtio-in-guest',
      'The transport of virtio is in the guest.',
      { path: '^buses/([^/]+)/virtio/' },
      { path: '^buses/$1/(?!(virtio|guest|layout)/|layout\\.ts$)' },
    ),
    forbid(
      'bus-layout-alone',
      'What both halves know knows neither.',
      { path: '^buses/([^/]+)/layout(/|\\.ts$)' },
      { path: '^buses/$1/(?!layout/|layout\\.ts$)' },
    ),
    forbid(
      'host-not-core',
      'The hypervisor knows no kernel.',
      { path: '^lib/hypervisor/' },
      { path: '^lib/(base|kobject|sysfs|access|subsystems|study)/' },
    ),
    forbid(
      'core-not-host',
      'The driver core knows the port only.',
      { path: '^lib/(base|kobject|sysfs|access/(?!styles)|virtio|subsystems)' },
      { path: '^lib/hypervisor/(?!port)' },
    ),
    forbid(
      'world-below-all',
      'The world knows only what it hands out.',
      { path: '^lib/world/' },
      { path: '^lib/(?!world/|may-sleep|errno|trace)' },
    ),
    forbid(
      'loose-files-below-all',
      'Lists, numbers and texts know nothing that has a folder, but tasks.',
      { path: '^lib/(?!index)[^/]+$' },
      { path: '^lib/(?!world/)[^/]+/' },
    ),
    forbid(
      'access-below-core',
      "The guest's side of the port knows no device.",
      { path: '^lib/access/(?!styles/)' },
      { path: '^lib/(?!access/(?!styles/)|world/|hypervisor/port)[^/]+/' },
    ),
    forbid(
      'styles-above-virtio',
      'A transport knows virtio; virtio and what is below knows no transport.',
      { path: '^lib/(world|kobject|sysfs|base|access/(?!styles)|virtio|hypervisor|subsystems|module|userspace)' },
      { path: '^lib/access/styles/' },
    ),
    forbid(
      'style-guest-not-host',
      'The guest half of a style knows the port, and not the host half.',
      { path: STYLE_GUEST },
      { path: `^lib/hypervisor/(?!port)|${STYLE_HOST}` },
    ),
    forbid(
      'style-host-not-guest',
      'The host half of a style knows no kernel, and not the guest half.',
      { path: STYLE_HOST },
      { path: `^lib/(base|kobject|sysfs|subsystems)/|${STYLE_GUEST}` },
    ),
    forbid(
      'port-alone',
      'The port knows neither side.',
      { path: '^lib/hypervisor/(port|memory)\\.ts$' },
      { path: '^lib/(?!world/|hypervisor/(port|memory)\\.ts$)[^/]+/' },
    ),
    forbid(
      'specification-alone',
      'Numbers of the specification, for either side.',
      { path: '^lib/virtio/spec\\.ts$' },
      { path: '^lib/' },
    ),
    forbid('tools-on-top', 'Nothing that is a library knows a command.', { path: '^buses/' }, { path: '^tools/' }),
    forbid(
      'model-knows-no-core',
      '/sys is a model: it knows no object and no device, not even their types.',
      { path: '^lib/sysfs/' },
      { path: '^lib/(?!(sysfs|world)/|errno|may-sleep|utf8)' },
    ),
    forbid(
      'kobject-below-base',
      'Objects know no devices, not even their types.',
      { path: '^lib/kobject/' },
      { path: '^lib/(?!(kobject|sysfs|world)/|errno|list|may-sleep|utf8)' },
    ),
    forbid(
      'base-below-virtio',
      'The core knows no virtio.',
      { path: '^lib/base/' },
      { path: '^lib/(virtio|subsystems|study)/' },
    ),
    forbid(
      'modules-above-core',
      'The core knows modules by their directories only; user space is above both.',
      { path: '^lib/(world|sysfs|kobject|access|base|virtio|subsystems|hypervisor)/' },
      { path: '^lib/(module|userspace)/' },
    ),
    forbid(
      'modules-below-userspace',
      'The kernel half knows no user space, no bus and no driver.',
      { path: '^lib/module/' },
      { path: '^lib/(userspace|virtio|subsystems|hypervisor)/' },
    ),
    forbid(
      'machine-above-kernel',
      'Nothing of a kernel or a host knows the machine that it is in.',
      { path: '^(lib/(?!machine/|study/|index)|drivers/)' },
      { path: '^lib/machine/' },
    ),
    forbid(
      'shell-above-kernel',
      'Nothing of a kernel, a host or a machine knows the shell; the shell knows no study and no machine but by contract.',
      { path: '^(lib/(?!shell/|index)|drivers/|buses/)' },
      { path: '^lib/shell/' },
    ),
    forbid(
      'shell-knows-kernel',
      'A shell works on any kernel.',
      { path: '^lib/shell/' },
      { path: '^(lib/(machine|study|hypervisor)/|drivers/|buses/|machines/|tools/|test/)' },
    ),
    forbid(
      'machines-on-top',
      'Machines join hosts, buses, drivers and the shell; no library knows them.',
      { path: '^(lib|drivers|buses)/' },
      { path: '^machines/' },
    ),
    forbid('machines-below-tools', 'A machine is no command.', { path: '^machines/' }, { path: '^(tools|test)/' }),
    forbid(
      'only-study-sees-all',
      'Nothing in lib needs the study.',
      { path: '^lib/(?!study/|index)' },
      { path: '^lib/study/' },
    ),
    forbid(
      'evidence-below-experiments',
      'What experiments are made of knows none of them.',
      { path: '^lib/study/evidence/' },
      { path: '^lib/study/(?!evidence/)' },
    ),
    forbid(
      'experiments-apart',
      'Orders, invariants and scenarios know neither each other nor who reports them.',
      { path: '^lib/study/(explore|invariants|scenarios)/' },
      { path: '^lib/study/(?!evidence/|$1/)' },
    ),
    forbid('not-to-unresolvable', 'Every import leads somewhere.', {}, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
};
