"""Usual programs: what drivers, buses and users do, in any order, mostly with what is there."""
import random

from generators.program import ACTIONS, UUID, Program

IDS = ['x', 'x', 'y']
ERRS = ['-ENODEV', '-ENXIO', '-EIO', '-EBUSY', '-ENOMEM', '-EINVAL']

THEMES = {
    #            bind defer link life kobj class event devres tree pm scene
    'bind':     (10, 3, 2, 3, 0, 1, 1, 1, 1, 1, 1),
    'defer':    (6, 10, 3, 2, 0, 0, 1, 1, 1, 1, 2),
    'link':     (5, 3, 9, 3, 0, 0, 0, 1, 1, 1, 4),
    'chain':    (4, 2, 2, 2, 0, 0, 0, 0, 1, 1, 8),
    'life':     (4, 2, 3, 10, 0, 2, 1, 3, 4, 0, 1),
    'kobj':     (0, 0, 0, 1, 14, 1, 1, 0, 0, 0, 0),
    'class':    (3, 1, 1, 4, 0, 12, 3, 1, 3, 1, 0),
    'mixed':    (6, 5, 5, 5, 2, 3, 2, 2, 3, 1, 2),
    'event':    (5, 2, 1, 3, 1, 3, 10, 1, 2, 0, 1),
}


class Usual(Program):
    def __init__(self, seed):
        super().__init__(random.Random(seed))
        self.bus, self.drv, self.dev, self.cls, self.typ = {}, {}, {}, {}, {}
        self.kobj, self.kset, self.intf, self.sif = {}, {}, {}, {}
        self.links = []
        self.paused = False
        self.calm = False

    # helpers -----------------------------------------------------------
    def any(self, d, pred=None):
        c = sorted(k for k in d if pred is None or pred(d[k]))
        return self.r.choice(c) if c else None

    def fresh(self, d, prefix, top):
        """mostly a free name, sometimes a taken one"""
        names = ['%s%d' % (prefix, i) for i in range(1, top + 1)]
        free = [n for n in names if n not in d]
        if free and not self.p(0.04):
            return self.r.choice(free)
        return self.r.choice(names)

    def name(self, d, prefix, top=9):
        """mostly a live name, sometimes a wrong one"""
        k = self.any(d)
        if k is None or self.p(0.02):
            return '%s%d' % (prefix, self.r.randint(1, top))
        return k

    def probe(self, defer=0.25):
        if self.calm and self.p(.6):
            return '0'
        r = self.r.random()
        if r < defer:
            return self.r.choice(['-EPROBE_DEFER', '-EPROBE_DEFER:1', '-EPROBE_DEFER:2',
                                  'defer:' + self.name(self.dev, 'd', 6)])
        if r < defer + 0.2:
            return self.r.choice(ERRS + [self.r.choice(ERRS) + ':1'])
        return '0'

    # objects -----------------------------------------------------------
    def bus_add(self):
        n = self.fresh(self.bus, 'b', 2)
        o = []
        if self.p(.5):
            o.append('notify=1')
        if self.p(.35):
            o.append('uevent=' + ('1' if self.p(.9) else '-EINVAL'))
        for k, q in (('probe', .1), ('remove', .1), ('override', .2), ('shutdown', .1),
                     ('sync_state', .1), ('pm', .1), ('offline', .08)):
            if self.p(q):
                o.append(k + '=1')
        if self.p(.08):
            o.append('dma=' + ('1' if self.p(.7) else '-EIO'))
        if self.p(.08):
            o.append('match=' + self.r.choice(['none-cb', '1', '0', '-EPROBE_DEFER']))
        if self.p(.15):
            o.append('devattrs=ba')
        self.op('bus add', n, *o)
        self.bus[n] = {'override': 'override=1' in o}

    def drv_add(self, defer=.25):
        n = self.fresh(self.drv, 'r', 5)
        b = self.name(self.bus, 'b', 2)
        o = ['bus=' + b, 'ids=' + self.r.choice(['x', 'x', 'y', 'x,y'])]
        if self.p(.5):
            o.append('probe=' + self.probe(defer))
        if self.p(.3):
            o.append('devm=' + ','.join(self.r.sample(['ma', 'mb', 'mc'], self.r.choice([1, 2, 3]))))
        for k, q in (('sync_state', .2), ('pm', .1), ('shutdown', .1), ('async', .08),
                     ('suppress_bind_attrs', .04), ('noprobe', .04), ('noremove', .04)):
            if self.p(q):
                o.append(k + '=1')
        if self.p(.05):
            o.append('match=' + self.r.choice(['1', '0', '-EPROBE_DEFER', '-EINVAL']))
        if self.p(.08):
            o.append('devattrs=' + self.r.choice(['da', 'ba']))
        self.op('drv add', n, *o)
        if n not in self.drv and b in self.bus:
            self.drv[n] = {'bus': b}
            if self.p(.06):
                self.hook(n, b)

    def hook(self, v, b):
        if self.p(.5):
            self.op('hook', v, 'probe dev add %-k', 'bus=' + b, 'id=' + self.r.choice(['x', 'y', 'w']),
                    'parent=%', 'probe=0' if self.p(.3) else '')
            if self.p(.7):
                self.op('hook', v, 'remove dev del %-k')
        elif self.p(.6):
            self.op('hook', v, 'probe link add %', self.name(self.dev, 'd', 8),
                    self.r.choice(['', 'flags=autoremove_consumer', 'flags=stateless']))
        else:
            self.op('hook', v, 'probe devres add % hk')

    def pair(self):
        """a driver and a device, mostly of the same bus"""
        v = self.name(self.drv, 'r', 5)
        b = (self.drv.get(v) or {}).get('bus')
        d = None
        if b and not self.p(.1):
            d = self.any(self.dev, lambda x: x['bus'] == b)
        return v, b or self.name(self.bus, 'b', 2), d or self.name(self.dev, 'd', 8)

    def dev_opts(self):
        o, b = [], None
        if self.p(.93):
            b = self.name(self.bus, 'b', 2)
            o.append('bus=' + b)
            if self.p(.9):
                o.append('id=' + self.r.choice(IDS))
        if self.dev and self.p(.3):
            o.append('parent=' + self.name(self.dev, 'd', 8))
        if self.p(.06):
            o.append('probe=' + self.probe())
        if self.p(.04):
            o.append('name=d%d' % self.r.randint(1, 8))
        if self.p(.05):
            o.append('attrs=' + self.r.choice(['own', 'ba', 'da']))
        return o, b

    def dev_add(self, how='add'):
        n = self.fresh(self.dev, 'd', 8)
        o, b = self.dev_opts()
        self.op('dev', how, n, *o)
        if n not in self.dev:
            self.dev[n] = {'bus': b, 'st': 'added' if how == 'add' else 'init', 'refs': 1}

    def dev_del(self, how='del'):
        n = self.name(self.dev, 'd', 8)
        self.op('dev', how, n)
        d = self.dev.get(n)
        if d:
            d['st'] = 'deleted'
            if how == 'del':
                d['refs'] -= 1
                if d['refs'] <= 0:
                    del self.dev[n]

    # op groups ------------------------------------------------------------
    def g_bind(self):
        r = self.r
        v, b, d = self.pair()
        k = r.randint(0, 19)
        if k < 5:
            self.op('write', 'bus/%s/drivers/%s/bind' % (b, v), d)
        elif k < 9:
            self.op('write', 'bus/%s/drivers/%s/unbind' % (b, v), d)
        elif k == 9:
            self.op('write', 'bus/%s/drivers_probe' % b, d)
        elif k == 10:
            self.op('write', 'bus/%s/drivers_autoprobe' % b, r.choice(['0', '1', '1']))
        elif k == 11:
            self.op('bus rescan', b)
        elif k == 12:
            self.op('dev reprobe', d)
        elif k == 13:
            self.op('drv attach', v)
        elif k == 14:
            self.op('dev', r.choice(['drvattach', 'drvattach', 'bind']), d, v)
        elif k == 15:
            self.op('drv set', v, r.choice(['probe=' + self.probe(), 'ids=' + r.choice(IDS),
                                            'match=' + r.choice(['ids', '1', '0'])]))
        elif k == 16:
            self.op('dev set', d, 'id=' + r.choice(IDS))
        elif k == 17 and any(x['override'] for x in self.bus.values()):
            self.op('write', 'devices/%s/driver_override' % d, r.choice([v, v, r'\n', '']))
        elif k == 18:
            self.op('dev release', d)
        else:
            self.op('dev attach', d)

    def g_defer(self):
        k = self.r.randint(0, 9)
        if k < 2:
            self.drv_add(.7)
        elif k < 5:
            self.op('drv set', self.name(self.drv, 'r', 5), 'probe=' + self.probe(.6))
        elif k == 5:
            self.op('deferred')
        elif k == 6:
            self.op('probing', self.r.choice(['trigger', 'trigger', 'block', 'unblock']))
        elif k == 7:
            self.op('dev set', self.name(self.dev, 'd', 8), 'probe=' + self.probe(.6))
        elif k == 8:
            self.dev_add()
        else:
            self.op('dev attach', self.name(self.dev, 'd', 8))

    def g_link(self):
        r = self.r
        k = r.randint(0, 9)
        c, s = self.name(self.dev, 'd', 8), self.name(self.dev, 'd', 8)
        if k < 5:
            f = r.choice(['', '', '', 'flags=autoprobe_consumer', 'flags=autoremove_consumer',
                          'flags=autoremove_supplier', 'flags=stateless', 'flags=sync_state_only',
                          'flags=pm_runtime', 'flags=stateless,autoremove_consumer'])
            self.op('link add', c, s, f)
            self.links.append((c, s))
        elif k == 5:
            if self.links:
                c, s = r.choice(self.links)
            self.op('link remove', c, s)
        elif k == 6 and self.links:
            c, s = r.choice(self.links)
            self.op('cat', 'class/devlink/%s:%s--%s:%s/status' % (
                (self.dev.get(s) or {}).get('bus') or '', s,
                (self.dev.get(c) or {}).get('bus') or '', c))
        elif k == 7:
            self.op('sync', 'resume' if self.paused else 'pause')
            self.paused = not self.paused
        elif k == 8:
            self.op('dev release', s)
        else:
            self.op('dev attach', s)

    def g_scene(self):
        """a few related ops: a supplier, its consumers, and trouble"""
        r = self.r
        live = sorted(d for d, x in self.dev.items() if x['st'] == 'added' and x['bus'])
        if len(live) < 3:
            self.dev_add()
            return
        s, c, c2 = r.sample(live, 3)
        if self.p(.7):
            fl = ['', '', '', 'flags=autoprobe_consumer', 'flags=autoremove_consumer',
                  'flags=autoremove_supplier', 'flags=sync_state_only', 'flags=stateless']
            for d in (s, c):
                if self.p(.7):
                    self.op('dev attach', d)
            self.op('link add', c, s, r.choice(fl))
            self.links.append((c, s))
            if self.p(.4):
                self.op('link add', c2, r.choice([s, c]), r.choice(fl))
        else:
            v = self.name(self.drv, 'r', 5)
            self.op('drv set', v, 'probe=defer:' + s)
            self.op('dev reprobe', r.choice([c, c2]))
            if self.p(.5):
                self.op('deferred')
        for _ in range(r.randint(1, 4)):
            k = r.randint(0, 11)
            if k < 3:
                self.op('dev release', s)
            elif k < 5:
                self.op('dev attach', s)
            elif k == 5:
                self.op('dev reprobe', s)
            elif k == 6:
                self.op('dev', r.choice(['release', 'attach', 'reprobe']), r.choice([c, c2]))
            elif k == 7:
                self.op('cat', 'class/devlink/%s:%s--%s:%s/status' % (
                    self.dev[s]['bus'], s, self.dev[c]['bus'], c))
            elif k == 8:
                self.op('deferred')
            elif k == 9:
                self.op('write', 'bus/%s/drivers/%s/%s' % (
                    self.dev[s]['bus'], self.name(self.drv, 'r', 5), r.choice(['bind', 'unbind'])), s)
            elif k == 10 and self.p(.5):
                self.op('dev del', s)
                self.dev.pop(s, None)
                return
            else:
                self.op('bus rescan', self.dev[s]['bus'])

    def g_life(self):
        k = self.r.randint(0, 15)
        d = self.name(self.dev, 'd', 8)
        if k < 4:
            self.dev_add()
        elif k < 7:
            self.dev_del()
        elif k == 7:
            self.dev_del('remove')
        elif k == 8:
            self.op('dev get', d)
            if d in self.dev:
                self.dev[d]['refs'] += 1
        elif k == 9:
            self.op('dev put', d)
            x = self.dev.get(d)
            if x and (x['st'] != 'added' or x['refs'] > 1):
                x['refs'] -= 1
                if x['refs'] <= 0:
                    del self.dev[d]
        elif k == 10:
            self.dev_add('init')
        elif k == 11:
            n = self.any(self.dev, lambda x: x['st'] == 'init') or d
            self.op('dev register', n)
            if n in self.dev and self.dev[n]['st'] == 'init':
                self.dev[n]['st'] = 'added'
        elif k == 12:
            self.drv_add()
        elif k == 13:
            v = self.name(self.drv, 'r', 5)
            self.op('drv del', v)
            self.drv.pop(v, None)
        elif k == 14 and self.p(.4):
            b = self.name(self.bus, 'b', 2)
            self.op('bus del', b)
        else:
            self.dev_add()

    def g_kobj(self):
        r = self.r
        k = r.randint(0, 15)
        n = self.name(self.kobj, 'k', 6)
        if k < 4 or not self.kobj:
            n = self.fresh(self.kobj, 'k', 6)
            o = []
            if self.kset and self.p(.6):
                o.append('kset=' + self.name(self.kset, 's', 3))
            how = r.choice(['create', 'create', 'create', 'init'])
            if how == 'create':
                if self.kobj and self.p(.4):
                    o.append('parent=' + self.name(self.kobj, 'k', 6))
                if self.p(.1):
                    o.append('name=k%d' % r.randint(1, 6))
            if self.p(.1):
                o.append('attrs=aa,bb:ro')
            self.op('kobj', how, n, *o)
            self.kobj.setdefault(n, 1)
        elif k < 6 and len(self.kset) < 3:
            n = self.fresh(self.kset, 's', 3)
            o = []
            if self.p(.6):
                o.append('uevent=' + r.choice(['1', '1', '1', '-EIO']))
            if self.p(.2):
                o.append('filter=' + r.choice('01'))
            if self.p(.2):
                o.append('subsys=' + r.choice(['sub', '-']))
            if self.kset and self.p(.3):
                o.append('kset=' + self.name(self.kset, 's', 3))
            self.op('kset add', n, *o)
            self.kset.setdefault(n, 1)
        elif k < 8:
            self.op('kobj uevent', n, r.choice(ACTIONS), 'A=1' if self.p(.2) else '')
        elif k == 8:
            self.op('kobj del', n)
        elif k < 11:
            self.op('kobj put', n)
            if n in self.kobj:
                self.kobj[n] -= 1
                if self.kobj[n] <= 0:
                    del self.kobj[n]
        elif k == 11:
            self.op('kobj get', n)
            if n in self.kobj:
                self.kobj[n] += 1
        elif k == 12:
            self.op('kobj rename', n, r.choice(['k1', 'k2', 'n1', 'n2']))
        elif k == 13:
            self.op('kobj move', n, r.choice(['-', self.name(self.kobj, 'k', 6)]))
        elif k == 14:
            self.op('kobj add', n, r.choice(['', 'parent=' + self.name(self.kobj, 'k', 6)]))
        elif self.kset:
            s = self.name(self.kset, 's', 3)
            if self.p(.6):
                self.op('kset list', s)
            else:
                self.op('kset del', s)
                self.kset.pop(s, None)
        else:
            self.op('ls', n)

    def g_class(self):
        r = self.r
        k = r.randint(0, 11)
        if not self.cls or k == 0:
            n = self.fresh(self.cls, 'c', 2)
            self.op('class add', n, r.choice(['', 'uevent=1', 'uevent=1', 'uevent=-EINVAL']),
                    'devattrs=ca' if self.p(.2) else '', 'pm=1' if self.p(.1) else '')
            self.cls.setdefault(n, 1)
        elif k < 6:
            n = self.fresh(self.dev, 'd', 8)
            o = ['class=' + self.name(self.cls, 'c', 2)]
            if self.dev and self.p(.5):
                o.append('parent=' + self.name(self.dev, 'd', 8))
            if self.typ and self.p(.3):
                o.append('type=' + self.name(self.typ, 't', 2))
                if self.p(.4):
                    o.append('norelease=1')
            if self.p(.1):
                o.append('name=d%d' % r.randint(1, 8))
            self.op('dev add', n, *o)
            self.dev.setdefault(n, {'bus': None, 'st': 'added', 'refs': 1})
        elif k == 6:
            n = self.fresh(self.intf, 'i', 2)
            self.op('intf add', n, 'class=' + self.name(self.cls, 'c', 2))
            self.intf.setdefault(n, 1)
        elif k == 7 and self.intf:
            n = self.name(self.intf, 'i', 2)
            self.op('intf del', n)
            self.intf.pop(n, None)
        elif k == 8:
            self.op('class devs', self.name(self.cls, 'c', 2))
        elif k == 9:
            n = self.fresh(self.typ, 't', 2)
            self.op('type add', n, 'uevent=1' if self.p(.6) else '')
            self.typ.setdefault(n, 1)
        elif k == 10:
            self.op('ls', 'class/' + self.name(self.cls, 'c', 2))
        else:
            self.dev_del()

    def g_event(self):
        r = self.r
        k = r.randint(0, 6)
        d = self.name(self.dev, 'd', 8)
        if k == 0:
            self.op('uevent', d, r.choice(ACTIONS), 'A=%d' % r.randint(0, 9) if self.p(.4) else '')
        elif k == 1:
            self.op('write', 'devices/%s/uevent' % d, r.choice(ACTIONS + ['bogus', '']))
        elif k == 2:
            self.op('write', 'devices/%s/uevent' % d, r.choice(ACTIONS),
                    UUID, r.choice(['', 'A=1', 'A=1 B=2', 'A', 'A=', '=1']))
        elif k == 3:
            self.op('cat', 'devices/%s/uevent' % d)
        elif k == 4:
            b = self.name(self.bus, 'b', 2)
            v = self.name(self.drv, 'r', 5)
            self.op('write', r.choice(['bus/%s/uevent' % b, 'bus/%s/drivers/%s/uevent' % (b, v)]),
                    r.choice(ACTIONS))
        elif k == 5:
            self.op('dev set', d, 'suppress=' + r.choice('011'))
        else:
            self.op('bus set', self.name(self.bus, 'b', 2), 'uevent=' + r.choice(['1', '-ENOMEM']))

    def g_devres(self):
        k = self.r.randint(0, 5)
        d = self.name(self.dev, 'd', 8)
        n = self.r.choice(['ma', 'mb', 'ga'])
        self.op('devres', ['add', 'add', 'rel', 'del', 'open', 'rgroup'][k], d, n)

    def g_tree(self):
        r = self.r
        k = r.randint(0, 12)
        d = self.name(self.dev, 'd', 8)
        b = self.name(self.bus, 'b', 2)
        v = self.name(self.drv, 'r', 5)
        if k == 0:
            self.op('dev children', d)
        elif k == 1:
            self.op('bus devs', b, r.choice(['', 'start=' + d]))
        elif k == 2:
            self.op('bus drvs', b)
        elif k == 3:
            self.op('drv devs', v)
        elif k == 4:
            self.op('ls', 'bus/%s/devices' % b)
        elif k == 5:
            self.op('ls', 'bus/%s/drivers/%s' % (b, v))
        elif k == 6:
            self.op('ls', 'devices/' + d)
        elif k == 7:
            self.op('readlink', r.choice(['devices/%s/driver' % d, 'bus/%s/devices/%s' % (b, d),
                                          'bus/%s/drivers/%s/%s' % (b, v, d)]))
        elif k == 8:
            self.op('dev rename', d, r.choice(['d1', 'd2', 'n1', 'n2']))
        elif k == 9 and not self.cls:
            self.op('dev move', d, r.choice(['-', self.name(self.dev, 'd', 8)]),
                    r.choice(['', '', 'order=last', 'order=after', 'order=before']))
        elif k == 10:
            v = self.any(self.drv) or v
            self.hook(v, (self.drv.get(v) or {}).get('bus') or b)
        elif k == 11:
            n = self.fresh(self.sif, 'i', 2)
            if self.sif and self.p(.4):
                n = self.name(self.sif, 'i', 2)
                self.op('sif del', n)
                self.sif.pop(n, None)
            else:
                self.op('sif add', n, 'bus=' + b)
                self.sif.setdefault(n, 1)
        else:
            self.op('bus', r.choice(['sort', 'devs', 'drvs']), b)

    def g_pm(self):
        k = self.r.randint(0, 5)
        if k < 3:
            self.op('pm')
        elif k == 3:
            self.op('shutdown')
        else:
            d = self.name(self.dev, 'd', 8)
            self.op('dev', self.r.choice(['offline', 'online']), d)

    # program ----------------------------------------------------------------
    def program(self):
        theme = self.r.choice(sorted(THEMES))
        w = THEMES[theme]
        groups = [self.g_bind, self.g_defer, self.g_link, self.g_life, self.g_kobj, self.g_class,
                  self.g_event, self.g_devres, self.g_tree, self.g_pm, self.g_scene]
        n = self.r.randint(10, 60)
        if theme != 'kobj' or self.p(.3):
            for _ in range(1 if self.p(.8) else 2):
                self.bus_add()
            if theme in ('chain', 'link'):
                n = max(n, 25)
                self.calm = True
            todo = [self.drv_add] * self.r.randint(1, 3) + [self.dev_add] * self.r.randint(2, 5)
            self.r.shuffle(todo)
            for f in todo:
                f()
        while len(self.out) < n:
            self.r.choices(groups, w)[0]()
        return self.text_of('random program: theme %s, %d ops' % (theme, len(self.out)))
