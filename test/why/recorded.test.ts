import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { why } from '../../lib';
import type { Lab } from '../../tools/replay/lab';
import { LabDev, LabDrv } from '../../tools/replay/lab-objects';
import { replay } from '../../tools/replay/run';

const ORACLE = join(__dirname, '../oracle');
const PROGRAMS = ['programs', 'random'].flatMap((folder) =>
  readdirSync(join(ORACLE, folder))
    .filter((name) => name.endsWith('.dm'))
    .map((name) => join(ORACLE, folder, name)),
);

function askAll({ objects }: Lab): void {
  for (const dev of objects.of(LabDev)) {
    for (const drv of objects.of(LabDrv)) if (drv.state === 'added') why(dev.device, drv.registration);
  }
}

/** Rules that a device_driver_attach by hand does not ask. */
const NOT_BY_HAND = [
  'bus_add_driver',
  'bus_for_each_drv',
  'bus_probe_device',
  'driver_match_device',
  '__device_attach_driver',
  'call_driver_probe',
];

/** What `dev drvattach` must give if why is right; null when the driver is asked. */
function expected(lab: Lab, op: string): string | null | undefined {
  const [, what, device = '', driver = ''] = op.split(/ +/);
  if (what !== 'drvattach') return undefined;
  const dev = lab.objects.find(LabDev, device);
  const drv = lab.objects.find(LabDrv, driver);
  if (dev === undefined || drv === undefined || dev.bus !== drv.bus || !['added', 'deleted'].includes(dev.state))
    return undefined;
  const answer = why(dev.device, drv.registration);
  if (answer.outcome === 'bound') return '-EBUSY';
  const rule = answer.rules.find(({ allows, fn }) => allows === false && !NOT_BY_HAND.includes(fn));
  return rule === undefined ? null : (/: (-\w+)$/.exec(rule.text)?.[1] ?? '').replace('-EPROBE_DEFER', '-EAGAIN');
}

describe('why beside the traces of a real kernel', () => {
  it('asking about everything before every op changes nothing', async () => {
    for (const file of PROGRAMS.slice(0, 60)) {
      const trace = await replay(readFileSync(file, 'utf8'), { before: askAll });
      expect(trace, file).to.equal(readFileSync(file.replace(/dm$/, 'trace'), 'utf8'));
    }
  });

  it(
    'a bind by hand that a rule refuses is refused by the kernel with that errno, and ' + 'the others reach the driver',
    async () => {
      const wrong: string[] = [];
      let refused = 0;
      let reached = 0;
      for (const file of PROGRAMS) {
        const text = readFileSync(file, 'utf8');
        if (!text.includes('dev drvattach')) continue;
        const ops: [string, string | null | undefined][] = [];
        await replay(text, { before: (lab, op) => void ops.push([op, expected(lab, op)]) });
        const recorded = readFileSync(file.replace(/dm$/, 'trace'), 'utf8').split(/^(?=> )/m);
        for (const [i, [op, ret]] of ops.entries()) {
          if (ret === undefined) continue;
          const block = recorded[i] ?? '';
          const isRight =
            ret === null
              ? /\n(notify|probe|dma_configure) /.test(block) || block.includes('\n< 0\n')
              : block.includes(`\n< ${ret}\n`);
          if (ret === null) reached++;
          else refused++;
          if (!isRight || !block.startsWith(`> ${op}`)) wrong.push(`${file}: ${op}: ${String(ret)}: ${block}`);
        }
      }
      expect(wrong).to.deep.equal([]);
      expect(refused).to.be.greaterThan(20);
      expect(reached).to.be.greaterThan(20);
    },
  );
});
