import type { Kernel } from '../../lib';

const DEVICES = '/sys/bus/platform/devices';
const BASE = '/sys/firmware/devicetree/base';

/**
 * The platform devices as test/oracle/of/run writes them: of each its name (D), where its link leads (L), its node (O),
 * its modalias (M) and the lines of its file `uevent` (U).
 */
export async function deviceListing({ fs }: Kernel): Promise<string> {
  const lines: string[] = [];
  for (const name of await fs.readdir(DEVICES)) {
    const dir = `${DEVICES}/${name}`;
    const entries = await fs.readdir(dir);
    lines.push(`D ${name}`, `L ${await fs.readlink(dir)}`);
    if (entries.includes('of_node')) lines.push(`O ${await fs.readlink(`${dir}/of_node`)}`);
    lines.push(`M ${(await contentOf(fs, `${dir}/modalias`)).replace(/\n+$/, '')}`);
    const uevent = await contentOf(fs, `${dir}/uevent`);
    lines.push(
      ...uevent
        .split('\n')
        .slice(0, -1)
        .map((line) => `U ${line}`),
    );
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** A file that cannot be read is empty, as for a shell. */
async function contentOf(fs: Kernel['fs'], path: string): Promise<string> {
  try {
    return await fs.readFile(path);
  } catch {
    return '';
  }
}

/** The files of the tree in /sys, as `find . | sort` prints them. */
export async function treeListing({ fs }: Kernel): Promise<string> {
  const found: string[] = [];
  const walk = async (path: string, shown: string): Promise<void> => {
    found.push(shown);
    if (!(await fs.lstat(path)).isDirectory()) return;
    for (const name of await fs.readdir(path)) await walk(`${path}/${name}`, `${shown}/${name}`);
  };
  await walk(BASE, '.').catch(() => undefined);
  return found
    .sort()
    .map((line) => `${line}\n`)
    .join('');
}
