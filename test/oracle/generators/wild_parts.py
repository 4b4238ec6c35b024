"""What wild programs are made of: handles, odd names, values, objects, paths and texts."""
import random

from generators.program import ACTIONS, UUID, Program

ERRNOS = ('EPERM ENOENT EINTR EIO ENXIO E2BIG EBADF EAGAIN ENOMEM EACCES EFAULT EBUSY EEXIST EXDEV ENODEV ENOTDIR '
          'EISDIR EINVAL ENOSPC ESPIPE EROFS EPIPE ERANGE ENAMETOOLONG ENOSYS ENOTEMPTY ELOOP ENODATA EPROTO '
          'EOPNOTSUPP ETIMEDOUT EPROBE_DEFER').split()
LINK_FLAGS = ('stateless autoremove_consumer autoremove_supplier autoprobe_consumer sync_state_only pm_runtime '
              'rpm_active managed').split()
ATTRS = ('aa bb cc own ba da uevent driver dev online subsystem driver_override x-y_z waiting_for_supplier').split()
LONGEST_NAME = 'n' + 'abcdefghij' * 5 + '12345678'
ODD_NAMES = [
    'a/b', 'a!b', 'a:b', 'a.b', 'a,b', 'A', '0', '9z', '-', '--', 'a%b', '%s', '%d', '*', 'a*', 'a\\b', 'a"b', 'a@b',
    '~', '+x', LONGEST_NAME, LONGEST_NAME[:58], 'x' * 40, 'k1', 'd1', 'r1', 'b1', 'uevent1', 'bind', 'unbind',
    'uevent', 'drivers', 'devices', 'drivers_probe', 'subsystem', 'driver', 'power2', '...', '.hid', 'a/b/c', '/x',
    'x/', 'a=b', '(null)', '\u00e9\u00fc', 'z?', "q'"]

# letter of the handles of a kind, and how many there are
HANDLES = {'bus': ('b', 3), 'class': ('c', 3), 'type': ('t', 3), 'intf': ('i', 3), 'sif': ('f', 3), 'dev': ('d', 14),
           'drv': ('r', 8), 'kobj': ('k', 8), 'kset': ('s', 4)}


class Thing:
    """what the generator believes of an object: kernel name, place below /sys, and whose it is"""

    def __init__(self, kname, path=None, bus=None, cls=None, state=None):
        self.kname = kname
        self.path = path if path is not None else kname
        self.bus = bus
        self.cls = cls
        self.state = state


class WildParts(Program):
    def __init__(self, seed):
        super().__init__(random.Random('wild%d' % seed))
        self.things = {kind: {} for kind in HANDLES}
        self.odd = self.choose(0, 0, .05, .15, .4)      # how often a kernel name is odd
        self.wrong = self.choose(0, .01, .03)           # how often a handle names nothing
        self.refusing = self.choose(.05, .2, .4)        # how often a probe refuses
        self.links = []
        self.paused = False

    # choosing -----------------------------------------------------------
    def choose(self, *options):
        return self.r.choice(options)

    def weighted(self, *table):
        """calls one of the actions; table is (weight, action), ..."""
        at = self.r.randint(0, sum(weight for weight, _ in table) - 1)
        for weight, action in table:
            if at < weight:
                return action()
            at -= weight

    def some(self, kind, fits=lambda thing: True):
        """mostly the handle of something that is there"""
        letter = HANDLES[kind][0]
        if self.p(self.wrong):
            return letter + str(self.r.randint(1, 20))
        there = self.things[kind]
        handles = sorted(h for h, thing in there.items() if fits(thing)) or sorted(there)
        return self.r.choice(handles) if handles else letter + '1'

    def fresh(self, kind):
        """mostly a handle that is free"""
        letter, count = HANDLES[kind]
        handles = [letter + str(i) for i in range(1, count + 1)]
        free = [h for h in handles if h not in self.things[kind]]
        return self.r.choice(handles if self.p(.03) else free or handles)

    def known(self, kind, handle, prefix=''):
        """what is believed of it; for a handle that names nothing, that it is named so"""
        return self.things[kind].get(handle) or Thing(handle, prefix + handle)

    def remember(self, kind, handle, thing=None):
        self.things[kind].setdefault(handle, thing or Thing(handle))

    def forget(self, kind, handle):
        self.things[kind].pop(handle, None)

    # values -------------------------------------------------------------
    def kernel_name(self, handle):
        """a name= key, and the name"""
        if self.p(self.odd):
            name = self.r.choice(ODD_NAMES)
        elif self.p(.06):
            name = handle[0] + str(self.r.randint(1, 14 if handle[0] == 'd' else 8))
        else:
            return '', handle
        return 'name=' + name, name

    def errno(self):
        return '-' + self.r.choice(ERRNOS)

    def attrs(self):
        names = self.r.sample(ATTRS, self.choose(1, 1, 2, 3, 6))
        return ','.join(name + self.choose('', '', ':ro', ':wo') for name in names)

    def probe(self):
        x = self.r.random()
        if x < .4:
            return '0'
        if x < .55:
            return self.choose('-EPROBE_DEFER', '-EPROBE_DEFER:1', '-EPROBE_DEFER:3')
        if x < .7:
            return 'defer:' + self.some('dev')
        if x < .7 + self.refusing:
            return self.errno() + self.choose('', '', ':1', ':2')
        return self.choose('1', '5', '-1', '-517', '-4000', '4000', '-133', '0:3', '-19', '-6')

    def match(self):
        return self.choose('ids', 'none-cb', '0', '1', '2', '-1', '-EPROBE_DEFER', self.errno())

    def on(self):
        return '1' if self.p(.75) else self.errno()

    def flags(self, *table):
        """(key, how often), ...: mostly 1 where given"""
        return [key + '=' + ('1' if self.p(.95) else '0') for key, often in table if self.p(often)]

    def variables(self, counts, values):
        return ['K%d=%s' % (i, values()) for i in range(self.choose(*counts))]

    def fill(self, *numbers):
        return ['fill=%d' % self.choose(*numbers)] if self.p(.3) else []

    def link_flags(self):
        if self.p(.3):
            return ''
        return ' flags=' + ','.join(self.r.sample(LINK_FLAGS, self.choose(1, 1, 2, 2, 3)))

    # making objects -----------------------------------------------------
    def add_bus(self):
        handle = self.fresh('bus')
        key, kname = self.kernel_name(handle)
        keys = [key] + self.flags(('notify', .6), ('probe', .15), ('remove', .15), ('shutdown', .15),
                                  ('sync_state', .15), ('override', .25), ('offline', .2), ('pm', .2))
        if self.p(.25):
            keys.append('match=' + self.match())
        if self.p(.4):
            keys.append('uevent=' + self.on())
        if self.p(.2):
            keys.append('dma=' + self.on())
        keys += [group + '=' + self.attrs() for group in ('battrs', 'devattrs', 'drvattrs') if self.p(.2)]
        self.op('bus add', handle, *keys)
        self.remember('bus', handle, Thing(kname))

    def add_class(self):
        handle = self.fresh('class')
        key, kname = self.kernel_name(handle)
        keys = [key]
        if self.p(.5):
            keys.append('uevent=' + self.on())
        keys += [group + '=' + self.attrs() for group in ('attrs', 'devattrs') if self.p(.3)]
        keys += self.flags(('shutdown', .2), ('pm', .2))
        self.op('class add', handle, *keys)
        self.remember('class', handle, Thing(kname))

    def add_type(self):
        handle = self.fresh('type')
        uevent = 'uevent=' + self.on() if self.p(.6) else ''
        self.op('type add', handle, uevent, 'devattrs=' + self.attrs() if self.p(.4) else '')
        self.remember('type', handle)

    def add_interface(self, kind, key, owner):
        handle = self.fresh(kind)
        self.op(kind + ' add', handle, key + '=' + self.some(owner))
        self.remember(kind, handle)

    def add_device(self):
        handle = self.fresh('dev')
        key, kname = self.kernel_name(handle)
        how = 'add' if self.p(.85) else 'init'
        keys = [key]
        bus = self.some('bus') if self.things['bus'] and self.p(.75) else None
        if bus:
            keys.append('bus=' + bus)
        if self.p(.85):
            keys.append('id=' + self.choose('x', 'x', 'y', 'z'))
        parent = self.parent()
        if parent:
            keys.append('parent=' + parent)
        cls = self.some('class') if self.things['class'] and self.p(.25 if bus else .6) else None
        if cls:
            keys.append('class=' + cls)
        has_type = self.things['type'] and self.p(.25)
        if has_type:
            keys.append('type=' + self.some('type'))
        keys += self.preset(how, bus) + self.device_extras(cls or has_type)
        self.op('dev', how, handle, *keys)
        kname = kname.replace('/', '!')
        state = 'added' if how == 'add' else 'init'
        self.remember('dev', handle, Thing(kname, self.device_path(kname, parent, cls), bus, cls, state))

    def parent(self):
        """often the deepest device"""
        live = [h for h, thing in self.things['dev'].items() if thing.state == 'added']
        if not live or not self.p(.45):
            return None
        live.sort(key=lambda h: self.things['dev'][h].path.count('/'))
        return live[-1] if self.p(.5) else self.r.choice(live)

    def preset(self, how, bus):
        drivers = sorted(h for h, thing in self.things['drv'].items() if thing.bus == bus)
        if how == 'add' and bus and drivers and self.p(.06):
            return ['driver=' + self.r.choice(drivers)]
        return []

    def device_extras(self, has_other_release):
        keys = []
        if self.p(.15):
            keys.append('attrs=' + self.attrs())
        if self.p(.12):
            keys.append('devt=%d:%d' % (self.r.randint(240, 254), self.choose(0, 1, 7, 255)))
        if self.p(.15):
            keys.append('probe=' + self.probe())
        if has_other_release and self.p(.25):
            keys.append('norelease=1')
        return keys + self.flags(('suppress', .06))

    def device_path(self, kname, parent, cls):
        above = self.things['dev'].get(parent)
        if cls and not (above and above.cls):
            glue = self.known('class', cls).kname.replace('/', '!')
            return (above.path if above else 'devices/virtual') + '/' + glue + '/' + kname
        return (above.path if above else 'devices') + '/' + kname

    def add_driver(self):
        handle = self.fresh('drv')
        key, kname = self.kernel_name(handle)
        bus = self.some('bus')
        keys = ['bus=' + bus, key]
        if self.p(.92):
            keys.append('ids=' + self.choose('x', 'x', 'x,y', 'y', 'z', 'x,y,z', 'q', 'a,b,c,d,e,f,g,x'))
        if self.p(.6):
            keys.append('probe=' + self.probe())
        if self.p(.1):
            keys.append('match=' + self.match())
        if self.p(.35):
            actions = ['ma', 'mb', 'mc', 'md', 'me', 'mf', 'mg', 'mh']
            keys.append('devm=' + ','.join(self.r.sample(actions, self.choose(1, 2, 3, 8))))
        keys += self.flags(('async', .25), ('suppress_bind_attrs', .08), ('sync_state', .25), ('shutdown', .2),
                           ('noprobe', .06), ('noremove', .06))
        if self.p(.25):
            keys.append('pm=' + self.on())
        keys += [group + '=' + self.attrs() for group in ('attrs', 'devattrs') if self.p(.15)]
        self.op('drv add', handle, *keys)
        self.remember('drv', handle, Thing(kname.replace('/', '!'), bus=bus))
        if self.p(.3):
            self.hook(handle)

    # hooks --------------------------------------------------------------
    def hook(self, driver):
        which = self.choose('probe', 'probe', 'remove')
        self.op('hook', driver, which, '' if self.p(.12) else self.hooked(driver))

    def hooked(self, driver):
        """an op for a hook; % becomes the device's handle"""
        bus = self.known('drv', driver).bus or 'b1'
        k = self.r.randint(0, 13)
        dev = self.some('dev')
        if k < 3:
            head = 'dev add %-k bus=' + self.some('bus') + ' id=' + self.choose('x', 'y', 'w')
            return head + self.choose('', ' parent=%') + self.choose('', ' probe=0', ' class=' + self.some('class'))
        if k == 3:
            return 'dev del ' + self.choose('%-k', '%', dev)
        if k == 4:
            return 'dev set ' + self.choose('%', dev) + ' probe=' + self.probe()
        if k == 5:
            return 'dev set ' + self.choose('%', dev) + ' ' + self.choose('id=y', 'id=x', 'suppress=1')
        if k == 6:
            return 'drv set ' + self.choose(driver, self.some('drv')) + ' ' + self.choose(
                'ids=x,y', 'probe=' + self.probe(), 'match=' + self.match(), 'devm=zz')
        if k == 7:
            return 'link add ' + self.choose('% ' + dev, dev + ' %') + self.link_flags()
        if k == 8:
            verb = self.choose('add', 'add', 'open', 'close', 'rgroup', 'dgroup', 'rel', 'del')
            return 'devres ' + verb + ' ' + self.choose('%', '%', dev) + ' ' + self.choose('ma', 'hk', 'ga')
        if k == 9:
            head = 'uevent ' + self.choose('%', dev) + ' ' + self.r.choice(ACTIONS)
            return head + self.choose('', ' A=1', ' A=% B=2')
        if k == 10:
            return self.choose('bus rescan ' + bus, 'deferred', 'cat x', 'dev attach %', 'nonsense', 'dev add',
                               'link remove % ' + dev)
        head = 'dev add %-' + self.choose('k', 'm') + ' bus=' + bus + ' id=' + self.choose('x', 'y')
        return head + self.choose('', ' parent=%')

    # paths and texts ----------------------------------------------------
    def bus_dir(self, handle):
        return self.known('bus', handle).kname.replace('/', '!')

    def path(self):
        k = self.r.randint(0, 17)
        handle = self.some('dev')
        dev = self.known('dev', handle, 'devices/')
        bus = self.some('bus')
        driver = self.known('drv', self.some('drv'))
        driver_bus = self.bus_dir(driver.bus or bus)
        cls = self.known('class', self.some('class')).kname.replace('/', '!')
        member = self.some('kobj')
        kobj = self.known('kobj', member).path
        kset = self.known('kset', self.some('kset')).path
        attr = '/' + self.choose('uevent', 'uevent', 'driver_override', 'online', 'dev', 'driver', 'subsystem',
                                 'waiting_for_supplier', 'nosuch', *ATTRS)
        if k < 5:
            return dev.path + self.choose('', attr, attr, attr)
        if k == 5:
            return 'bus/' + self.bus_dir(bus) + self.choose('', '/devices', '/drivers', '/uevent', '/drivers_probe',
                                                            '/drivers_autoprobe', attr)
        if k < 8:
            return 'bus/' + driver_bus + '/drivers/' + driver.kname + self.choose(
                '', '/bind', '/unbind', '/uevent', '/module', attr, '/' + dev.kname)
        if k == 8:
            return 'bus/' + self.bus_dir(bus) + '/devices/' + dev.kname + self.choose('', '/uevent', '/driver', attr)
        if k < 11:
            return 'class/' + cls + self.choose('', '/' + dev.kname, '/' + dev.kname + '/uevent', attr)
        if k == 11:
            return self.choose('class/devlink', 'devices', 'bus', 'class', 'dev/char', 'dev/block', 'dev')
        if k == 12:
            return self.link_path(dev.path)
        if k < 15:
            return kobj + self.choose('', attr, '/aa', '/bb')
        if k == 15:
            return kset + self.choose('', '/' + member)
        if k == 16:
            return 'dev/char/%d:%d' % (self.r.randint(240, 254), self.choose(0, 1, 7, 255))
        return self.choose('nosuch', dev.path + '/uevent/x', 'devices/' + handle, 'x' * 199, 'a//b', dev.path + '/',
                           '/abs', 'a/../b')

    def link_path(self, device_path):
        if not self.links:
            return 'class/devlink'
        consumer, supplier = (self.end_of_link(handle) for handle in self.r.choice(self.links))
        file = self.choose('/status', '/auto_remove_on', '/runtime_pm', '/sync_state_only', '', '/supplier',
                           '/consumer', '/uevent')
        if self.p(.3):
            return device_path + self.choose('/supplier:' + supplier, '/consumer:' + consumer)
        return self.choose('class/devlink/', 'devices/virtual/devlink/') + supplier + '--' + consumer + file

    def end_of_link(self, handle):
        """BUS:DEVICE, or the class's name, or nothing before the colon"""
        dev = self.known('dev', handle)
        bus, cls = self.things['bus'].get(dev.bus), self.things['class'].get(dev.cls)
        owner = bus.kname if bus and bus.kname else cls.kname if cls else ''
        return (owner + ':' + dev.kname).replace('/', '!')

    def text(self):
        dev = self.known('dev', self.some('dev')).kname
        drv = self.known('drv', self.some('drv')).kname
        many = ' '.join('K%d=%d' % (i, i) for i in range(self.choose(3, 20, 70)))
        return self.choose(
            dev, dev, dev, drv, dev + r'\n', drv + r'\n', '0', '1', '2', r'1\n', 'y', 'n', 'Y', 'on', 'off', '',
            r'\n', r'\0', r'\s' + dev, dev + r'\0zz', 'add', 'change', r'remove\n', 'bogus', 'add ' + UUID,
            'change ' + UUID + ' A=1 B=2', 'add ' + UUID + ' A', 'add ' + UUID + ' ' + many, 'add ' + UUID[:-1],
            'add ' + UUID + r'\n', 'add ' + UUID + ' a=b-c', 'add ' + UUID + r' A=1\n', 'addx', 'ad', r'add\0',
            'bind ' + UUID + '  A=1', '-EIO', '-5', r'-ENOMEM\n', '-517', 'x' * 70, r'a\tb\\c', r'bad\q', '\u00e9')
