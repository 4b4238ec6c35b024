import { errno, errnoName } from '../../errno';
import { claimAll, claimByHand, releaseAll, spareName, startIdle, unserved } from '../experiment';
import { notApplicable, type Invariant } from '../finding';
import { FreeCounts } from '../free-counts';
import type { StudyGuest } from '../machine';

/**
 * Two guests take all that there is. Then a user of the second wants one more: what does the write say, and is it
 * what it says when the hypervisor answers every call with EIO? Could the user have known: is there a number in /sys
 * that was the number of free devices, each time that it was looked at?
 *
 * @see drivers/vfio/mdev/mdev_sysfs.c available_instances_show
 */
export const exhaustionIsVisible: Invariant = {
  id: 'I19',
  group: 'expectation',
  title: 'one sees that no device is free',
  measure: 'files in /sys that tell how many devices are free; and the error must not be that of a broken hypervisor',
  async detect(lab) {
    const machine = await startIdle(lab, 2);
    const loser = machine.guest(1);
    const counts = new FreeCounts(machine, loser);
    await counts.look();
    for (const guest of machine.guests) await claimAll(guest);
    await counts.look();
    const { held, models, evidence } = machine;
    if (held === 0) return notApplicable('nothing is claimed', evidence.lines);
    if (held < models.length) return notApplicable('nothing runs out', evidence.lines);
    // A name that nothing serves, or one that the user makes up.
    const name = (await unserved(lab, machine, loser))[0] ?? spareName(loser.deviceNames().length);
    const full = await claimByHand(loser, name);
    const broken = await claimOfBroken(loser, name);
    await releaseAll(machine.guest());
    await counts.look();
    const files = counts.files();
    evidence.add('user', `numbers of free devices: ${files.join(' ') || 'none'}`);
    return {
      holds: files.length > 0 && full !== 0 && full !== broken,
      value: files.length,
      text: `${files.length === 0 ? 'no number' : 'a number'}; ${nameOf(full)}, broken ${nameOf(broken)}`,
      evidence: evidence.lines,
    };
  },
};

/** What the write says when the hypervisor answers every call with EIO. */
async function claimOfBroken(user: StudyGuest, name: string): Promise<number> {
  user.guest.refuseCalls = errno.EIO;
  const error = await claimByHand(user, name);
  user.guest.refuseCalls = 0;
  return error;
}

function nameOf(error: number): string {
  return error === 0 ? 'no error' : errnoName(error);
}
