import { expect } from 'chai';
import fc from 'fast-check';
import { virtioBus, type VirtioDriver } from '../../lib/virtio';
import { driverModule } from '../../lib/module';
import { chunksOf, complete, parse, ShellSession, ShellSyntaxError, transcriptOf } from '../../lib/shell';
import { knownMachine, VirtualMachine } from '../../machines';

/** What a machine without modules prints for a script. */
async function run(script: string, machine = 'ps3', modules = 'none'): Promise<string> {
  const booted = await VirtualMachine.boot(knownMachine(machine)!, { modules });
  return transcriptOf(new ShellSession(booted), script);
}

/** Commands beside their output. */
const outputs = async (script: string, machine?: string, modules?: string): Promise<string[]> =>
  (await run(script, machine, modules)).split(/^\$ .*\n/m).slice(1);

/** A driver with a null pointer in its probe. */
const oopser: VirtioDriver = {
  name: 'oopser',
  bus: virtioBus,
  idTable: [{ device: 4 }],
  probe: () => {
    const nothing = null as unknown as { field: number };
    nothing.field = 1;
  },
  remove: () => undefined,
};

describe('the shell', () => {
  it('has the syntax of a POSIX shell', async () => {
    const script = `
a='x  y'; echo "$a" $a \${a#x} \${none:-z} \${#a}
echo $((1 + 2 * 3)) $(echo one; echo two) \`echo three\`
for i in 1 2 3; do test $i = 2 && continue; echo "$i "; done
i=0; while [ $i -lt 3 ]; do i=$((i+1)); done; echo $i
case abc in a?c) echo yes;; *) echo no;; esac
f() { echo "f $1 $#"; return 3; }; f a b; echo $?
echo to > /tmp/t; echo more >> /tmp/t; cat < /tmp/t | wc -l
if ! false && true; then echo then; elif true; then echo elif; else echo else; fi
cat <<END
in $i
END
(cd /sys; pwd); pwd
false || { echo group; }
nothing
echo error >&2
`;
    expect(await outputs(script.trim())).to.deep.equal([
      'x  y x y y z 4\n',
      '7 one two three\n',
      '1 \n3 \n',
      '3\n',
      'yes\n',
      'f a 2\n0\n',
      '2\n',
      'then\n',
      '> in $i\n> END\nin 3\n',
      '/sys\n/\n',
      'group\n',
      'sh: nothing: not found\n[status 127]\n',
      'error\n',
    ]);
  });

  it('says what a write is refused with, and goes on', async () => {
    const script = [
      'echo x > /sys/bus/virtio/drivers_probe',
      'echo 1 > /sys/none',
      'cat /sys/bus/virtio',
      'ls /sys/none',
      'insmod /lib/modules/none.ko',
      'rmmod none',
      'echo $?',
    ];
    expect(await outputs(script.join('\n'))).to.deep.equal([
      'sh: write error: No such device\n[status 1]\n',
      "sh: can't create /sys/none: Permission denied\n[status 1]\n",
      'cat: read error: Is a directory\n[status 1]\n',
      'ls: /sys/none: No such file or directory\n[status 1]\n',
      "insmod: can't insert '/lib/modules/none.ko': No such file or directory\n[status 254]\n",
      "rmmod: can't unload module 'none': No such file or directory\n[status 1]\n",
      '0\n',
    ]);
  });

  it('stays usable after a driver that oopses', async () => {
    const machine = await VirtualMachine.boot(knownMachine('s390x-ccw')!, {
      modules: 'none',
      more: [driverModule(oopser)],
    });
    const script = 'insmod /lib/modules/oopser.ko\ndmesg | tail -n 1 | cut -c16-\nls /sys/bus/virtio/drivers';
    expect(await transcriptOf(new ShellSession(machine), script)).to.equal(
      `$ insmod /lib/modules/oopser.ko
Killed
[status 137]
$ dmesg | tail -n 1 | cut -c16-
Oops: TypeError: Cannot set properties of null (setting 'field') [#1]
$ ls /sys/bus/virtio/drivers
oopser
`,
    );
    expect(machine.deaths).to.have.lengthOf(1);
  });

  it('names what it does not understand with its line', () => {
    const wrong = ['if true', 'echo "a', 'echo a |', 'for x in a; echo', 'echo )', 'a() echo', 'case x in y'];
    const lines = wrong.map((text) => {
      try {
        chunksOf(`echo first\n${text}\n`);
        return `${text}: taken`;
      } catch (error) {
        if (error instanceof ShellSyntaxError) return `${String(error.line)}: ${error.message}`;
        throw error;
      }
    });
    expect(lines).to.deep.equal([
      '3: syntax error: unexpected end of file (expecting "then")',
      '3: syntax error: unterminated quoted string',
      '3: syntax error: unexpected end of file',
      '2: syntax error: unexpected "echo" (expecting "do")',
      '2: syntax error: unexpected ")"',
      'a() echo: taken',
      '3: syntax error: unexpected end of file (expecting ")")',
    ]);
  });

  it('reads whatever is typed, or refuses it as a syntax error', () => {
    const piece = fc.constantFrom(
      'if',
      'then',
      'fi',
      'do',
      'for',
      '(',
      ')',
      '{',
      '}',
      '|',
      '&&',
      ';',
      '\n',
      '"',
      "'",
      '$(',
      '$',
      '`',
      '<<E',
      '\\',
      '#',
      'a=b',
      '>',
      '2>&1',
      'x',
      '*',
      '${',
      '$((',
      ';;',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        try {
          parse(pieces.join(' '));
        } catch (error) {
          if (!(error instanceof ShellSyntaxError)) throw error;
        }
      }),
    );
  });

  it('hands a word on as it is, however it is quoted', async () => {
    const machine = await VirtualMachine.boot(knownMachine('ps3')!, { modules: 'none' });
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom(...Array.from('ab $*"\\`!~#;&|<>(){}[]?')) }),
        async (word) => {
          const script = `printf '%s|' '${word}'`;
          expect(await transcriptOf(new ShellSession(machine), script)).to.equal(`$ ${script}\n${word}|`);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('completes commands and paths', async () => {
    const session = new ShellSession(await VirtualMachine.boot(knownMachine('ps3')!));
    const shell = session.newShell(new Map());
    const of = (line: string): readonly string[] => complete(shell, line).matches;
    expect([of('uev'), of('cat /sys/bus/virt'), of('ls /sys/bus/virtio/drivers/virtio_b')]).to.deep.equal([
      ['uevents ', 'uevents_by '],
      ['/sys/bus/virtio/'],
      ['/sys/bus/virtio/drivers/virtio_balloon/', '/sys/bus/virtio/drivers/virtio_blk/'],
    ]);
  });
});

describe('the monitor', () => {
  it('plugs a device and takes it out again, with the events of the kernel', async () => {
    const script = [
      'host device_add virtio-rng-ccw,id=hp0,devno=fe.0.0abc',
      'readlink -f /sys/bus/ccw/devices/0.0.0abc/virtio*/driver',
      'host device_del hp0',
      'ls -d /sys/bus/ccw/devices/0.0.0abc',
      'host device_del hp0',
      'host device_add toaster',
    ];
    expect(await outputs(script.join('\n'), 's390x-ccw', 'all')).to.deep.equal([
      '',
      '/sys/bus/virtio/drivers/virtio_rng\n',
      '',
      'ls: /sys/bus/ccw/devices/0.0.0abc: No such file or directory\n[status 1]\n',
      "Error: Device 'hp0' not found\n",
      "Error: 'toaster' is not a valid device model name\n",
    ]);
  });
});
