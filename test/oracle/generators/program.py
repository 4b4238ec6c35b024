"""What the generators have in common."""

ACTIONS = ['add', 'remove', 'change', 'move', 'online', 'offline', 'bind', 'unbind']
UUID = 'fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed'


class Program:
    def __init__(self, chance):
        self.r = chance
        self.out = []

    def p(self, x):
        """true with that probability"""
        return self.r.random() < x

    def op(self, *words):
        self.out.append(' '.join(word for word in words if word))

    def text_of(self, title):
        return '# ' + title + '\n' + '\n'.join(self.out) + '\n'
