"""Wild programs: odd names and texts, all errnos, and the operations that the usual ones hardly have.

They avoid what the two sides have differently by their nature: `power` directories, the mode of /sys, and
`devices/virtual` before its first use.
"""
from generators.program import ACTIONS
from generators.wild_parts import HANDLES, LONGEST_NAME, ODD_NAMES, Thing, WildParts

THEMES = {
    #         object device link sysfs kobj bus system
    'mixed': (5, 6, 3, 5, 2, 3, 2),
    'obj': (10, 4, 1, 4, 0, 2, 1),
    'dev': (4, 12, 2, 3, 0, 2, 1),
    'link': (4, 5, 9, 3, 0, 1, 2),
    'sysfs': (4, 2, 1, 12, 2, 2, 1),
    'kobj': (0, 0, 0, 2, 14, 0, 0),
    'hook': (6, 5, 2, 2, 0, 2, 3),
    'pm': (4, 4, 3, 1, 0, 1, 7),
    'class': (6, 6, 1, 6, 0, 2, 1),
    'async': (6, 5, 2, 2, 0, 2, 3),
}
THEME_CHOICE = ['mixed', 'mixed', 'obj', 'dev', 'link', 'sysfs', 'kobj', 'hook', 'pm', 'class', 'async']

MALFORMED = [
    'dev', 'dev add', 'bus add B', 'dev add d1 bus=', 'dev add d1 bus=b1 bus=b1', 'dev add d1 x=1', 'nonsense x',
    'link add d1', 'uevent d1 bogus', 'probing', 'hook r1 bind dev', 'pm x', 'write', 'cat', 'kset find s1',
    'devres add d1', 'drv add r1', 'dev add d1 devt=1:1', 'dev add d1 norelease=1', 'drv add r1 bus=b1 probe=9999',
    'bus add b1 match=x']


class Wild(WildParts):
    # groups of ops ------------------------------------------------------
    def object_op(self):
        self.weighted(
            (8, self.add_device), (4, self.add_driver), (1, self.add_bus), (1, self.add_class), (1, self.add_type),
            (1, lambda: self.add_interface('intf', 'class', 'class')),
            (1, lambda: self.add_interface('sif', 'bus', 'bus')),
            (1, self.delete), (1, self.delete_driver), (1, self.delete_device))

    def delete(self):
        kind = self.choose('intf', 'sif', 'class', 'bus', 'kset')
        handle = self.some(kind)
        self.op(kind + ' del', handle)
        if kind in ('intf', 'sif', 'kset') or self.p(.3):
            self.forget(kind, handle)

    def delete_driver(self):
        handle = self.some('drv')
        self.op('drv del', handle)
        self.forget('drv', handle)

    def delete_device(self):
        handle = self.some('dev')
        how = self.choose('del', 'del', 'remove')
        self.op('dev', how, handle)
        if how == 'del':
            self.forget('dev', handle)
        elif handle in self.things['dev']:
            self.things['dev'][handle].state = 'deleted'

    def device_op(self):
        handle = self.some('dev')

        def one(verb):
            return lambda: self.op('dev ' + verb, handle)

        self.weighted(
            (1, one('get')), (1, lambda: self.put(handle)), (1, self.register), (2, one('attach')),
            (2, one('release')), (2, one('reprobe')), (2, lambda: self.by_hand('drvattach', handle)),
            (1, lambda: self.release_and_bind(handle)), (1, lambda: self.rename(handle)),
            (2, lambda: self.move(handle)),
            (1, lambda: self.op('dev', self.choose('children', 'children_rev'), handle)),
            (1, lambda: self.op('dev find', handle, self.some('dev'))),
            (3, lambda: self.op('dev', self.choose('offline', 'online'), handle)),
            (1, lambda: self.set_device(handle)), (1, lambda: self.devres(handle)),
            (1, lambda: self.devres_series(handle)), (2, lambda: self.uevent(handle)))

    def put(self, handle):
        self.op('dev put', handle)
        if self.known('dev', handle).state != 'added':
            self.forget('dev', handle)

    def register(self):
        self.op('dev register', self.some('dev', lambda dev: dev.state == 'init'))

    def by_hand(self, verb, handle):
        bus = self.known('dev', handle).bus
        self.op('dev', verb, handle, self.some('drv', lambda drv: drv.bus == bus))

    def release_and_bind(self, handle):
        self.op('dev release', handle)
        self.by_hand('bind', handle)

    def rename(self, handle):
        name = self.choose('n1', 'n2', 'd1', 'd2', self.r.choice(ODD_NAMES), LONGEST_NAME)
        self.op('dev rename', handle, name)
        dev = self.things['dev'].get(handle)
        if dev:
            dev.kname = name.replace('/', '!')
            dev.path = dev.path.rsplit('/', 1)[0] + '/' + dev.kname

    def move(self, handle):
        target = self.choose('-', self.some('dev'), self.some('dev'))
        self.op('dev move', handle, target,
                self.choose('', '', 'order=none', 'order=after', 'order=before', 'order=last'))
        dev = self.things['dev'].get(handle)
        if dev:
            above = self.things['dev'].get(target)
            dev.path = (above.path if above else 'devices') + '/' + dev.kname

    def set_device(self, handle):
        self.op('dev set', handle, self.choose('probe=' + self.probe(), 'id=' + self.choose('x', 'y'),
                                               'suppress=' + self.choose('0', '1'), 'id=x probe=0'))

    def devres(self, handle):
        verb = self.choose('add', 'add', 'rel', 'del', 'open', 'open', 'close', 'rgroup', 'dgroup')
        self.op('devres', verb, handle, self.choose('ma', 'mb', 'ga', 'gb'))

    def devres_series(self, handle):
        verbs = ['open', 'add', 'add', 'close', 'open', 'add', 'rgroup', 'dgroup', 'rel']
        for verb in self.r.sample(verbs, self.choose(3, 4, 6)):
            of_groups = verb in ('open', 'close', 'rgroup', 'dgroup')
            self.op('devres', verb, handle, self.choose('ga', 'gb') if of_groups else self.choose('ma', 'mb'))

    def uevent(self, handle):
        keys = self.variables((0, 1, 2, 8, 20), lambda: self.choose('1', 'x' * 50, '', 'a:b', 'v'))
        keys += self.fill(0, 1, 40, 50, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 70)
        self.op('uevent', handle, self.r.choice(ACTIONS), *keys)

    def link_op(self):
        k = self.r.randint(0, 9)
        consumer, supplier = self.some('dev'), self.some('dev')
        if k < 6:
            self.op('link add', consumer, supplier + self.link_flags())
            self.links.append((consumer, supplier))
        elif k < 8:
            if self.links and self.p(.8):
                consumer, supplier = self.r.choice(self.links)
            self.op('link remove', consumer, supplier)
        elif k == 8:
            self.op('sync', 'resume' if self.paused else 'pause')
            self.paused = not self.paused
        else:
            self.op('dev', self.choose('release', 'attach', 'reprobe', 'del', 'remove'), supplier)

    def sysfs_op(self):
        k = self.r.randint(0, 19)
        dev = self.known('dev', self.some('dev'), 'devices/')
        handle = self.some('drv')
        drv = self.things['drv'].get(handle) or Thing(handle, bus='b1')
        bus = self.things['bus'].get(drv.bus)
        bus_dir = 'bus/' + (bus.kname.replace('/', '!') if bus else 'b1')
        if k < 4:
            self.op('cat', self.path())
        elif k < 8:
            self.op('ls', self.path())
        elif k < 10:
            self.op('readlink', self.path())
        elif k < 12:
            self.op('stat', self.path())
        elif k < 15:
            self.op('write', self.path(), self.text())
        elif k < 17:
            file = self.choose('bind', 'unbind')
            self.op('write', bus_dir + '/drivers/' + drv.kname + '/' + file,
                    self.choose(dev.kname, dev.kname, self.text()))
        elif k == 17:
            file = self.choose('drivers_probe', 'drivers_autoprobe', 'uevent')
            self.op('write', bus_dir + '/' + file, self.choose(dev.kname, '0', '1', self.text()))
        elif k == 18:
            self.op('write', dev.path + '/' + self.choose('uevent', 'driver_override', 'online'), self.text())
        else:
            self.op('write', dev.path + '/driver_override',
                    self.choose(drv.kname, drv.kname + r'\n', r'\n', r'\0', '', 'x' * 60))

    def kobj_op(self):
        k = self.r.randint(0, 17)
        handle = self.some('kobj')
        known = self.known('kobj', handle)
        if k < 4 or not self.things['kobj']:
            self.make_kobj()
        elif k == 4:
            key, _ = self.kernel_name(handle)
            self.op('kobj add', handle, key, 'parent=' + self.some('kobj') if self.p(.5) else '')
        elif k < 7 and len(self.things['kset']) < 4 or not self.things['kset']:
            self.add_kset()
        elif k < 9:
            keys = self.variables((0, 0, 1, 3, 22), lambda: self.choose('1', 'x' * 55))
            keys += self.fill(1, 50, 57, 58, 59, 60, 61, 62, 63, 70)
            self.op('kobj uevent', handle, self.r.choice(ACTIONS), *keys)
        elif k == 9:
            self.op('kobj del', handle)
        elif k == 10:
            self.op('kobj put', handle)
            if self.p(.5):
                self.forget('kobj', handle)
        elif k == 11:
            self.op('kobj get', handle)
        elif k == 12:
            self.op('kobj rename', handle, self.choose('k1', 'k2', 'n1', self.r.choice(ODD_NAMES)))
        elif k < 15:
            self.op('kobj move', handle, self.choose('-', self.some('kobj')))
        elif k == 15:
            self.op('kset', self.choose('list', 'list', 'del'), self.some('kset'))
        elif k == 16:
            self.op('kset find', self.some('kset'), handle)
        else:
            self.op('ls', known.path)

    def make_kobj(self):
        handle = self.fresh('kobj')
        key, kname = self.kernel_name(handle)
        how = self.choose('create', 'create', 'create', 'init')
        keys, parent, kset = [], None, None
        if how == 'create':
            keys.append(key)
            if self.things['kobj'] and self.p(.4):
                parent = self.some('kobj')
                keys.append('parent=' + parent)
        if self.things['kset'] and self.p(.5):
            kset = self.some('kset')
            keys.append('kset=' + kset)
        if self.p(.3):
            keys.append('attrs=' + self.attrs())
        self.op('kobj', how, handle, *keys)
        self.remember('kobj', handle, self.below(kname, parent, kset))

    def add_kset(self):
        handle = self.fresh('kset')
        key, kname = self.kernel_name(handle)
        keys, parent, kset = [key], None, None
        if self.p(.3) and self.things['kobj']:
            parent = self.some('kobj')
            keys.append('parent=' + parent)
        if self.p(.3) and self.things['kset']:
            kset = self.some('kset')
            keys.append('kset=' + kset)
        if self.p(.6):
            keys.append('uevent=' + self.on())
        if self.p(.25):
            keys.append('filter=' + self.choose('0', '1'))
        if self.p(.25):
            keys.append('subsys=' + self.choose('sub', '-', 'a-b'))
        self.op('kset add', handle, *keys)
        self.remember('kset', handle, self.below(kname, parent, kset))

    def below(self, kname, parent, kset):
        above = self.things['kobj'].get(parent) or self.things['kset'].get(kset)
        return Thing(kname, (above.path + '/' if above else '') + kname.replace('/', '!'))

    def bus_op(self):
        bus = self.some('bus')
        self.weighted(
            (1, lambda: self.op('bus set', bus, 'match=' + self.match())),
            (1, lambda: self.op('bus set', bus, 'uevent=' + self.on())),
            (1, lambda: self.op('bus set', bus, 'dma=' + self.on())),
            (2, lambda: self.op('bus rescan', bus)),
            (1, lambda: self.op('bus sort', bus)),
            (1, lambda: self.op('bus devs', bus, 'start=' + self.some('dev') if self.p(.5) else '')),
            (1, lambda: self.op('bus drvs', bus)),
            (1, lambda: self.op('bus find', bus, self.some('dev'))),
            (1, lambda: self.op('bus finddrv', bus, self.some('drv'))),
            (1, lambda: self.op('class devs', self.some('class'))),
            (1, lambda: self.op('drv', self.choose('devs', 'attach'), self.some('drv'))),
            (1, self.set_driver))

    def set_driver(self):
        self.op('drv set', self.some('drv'), self.choose('ids=x', 'ids=x,y', 'probe=' + self.probe(),
                                                         'match=' + self.match(), 'devm=na,nb', 'ids=y probe=0'))

    def system_op(self):
        self.weighted(
            (3, lambda: self.op('pm', self.choose('', 'noirq=1', 'noirq=1', 'noirq=0'))),
            (1, lambda: self.op('shutdown')),
            (2, lambda: self.op('deferred')),
            (2, lambda: self.op('probing', self.choose('trigger', 'block', 'unblock'))),
            (1, lambda: self.reset() if self.p(.3) else self.device_op()),
            (1, lambda: self.hook(self.some('drv'))),
            (1, lambda: self.op('hook', self.some('drv'), self.choose('probe', 'remove'))),
            (1, lambda: self.op(self.choose(*MALFORMED)) if self.p(.3) else self.device_op()),
            (2, self.device_op))

    def reset(self):
        self.op('reset')
        self.things = {kind: {} for kind in HANDLES}
        self.paused = False
        self.links = []

    # program ------------------------------------------------------------
    def program(self):
        theme = self.r.choice(THEME_CHOICE)
        groups = [self.object_op, self.device_op, self.link_op, self.sysfs_op, self.kobj_op, self.bus_op,
                  self.system_op]
        lines = self.r.randint(15, 80)
        if theme != 'kobj':
            self.set_out(theme)
        while len(self.out) < lines:
            self.r.choices(groups, THEMES[theme])[0]()
        return self.text_of('wild program: theme %s' % theme)

    def set_out(self, theme):
        for _ in range(self.choose(1, 1, 2)):
            self.add_bus()
        if theme == 'class' or self.p(.4):
            self.add_class()
        if theme == 'class' or self.p(.3):
            self.add_type()
        todo = [self.add_driver] * self.r.randint(1, 4) + [self.add_device] * self.r.randint(2, 6)
        self.r.shuffle(todo)
        for add in todo:
            add()
