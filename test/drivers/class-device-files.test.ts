import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioConsole } from '../../drivers/virtio_console';
import { virtioNet } from '../../drivers/virtio_net';
import { virtioRng } from '../../drivers/virtio_rng';
import {
  BlockDevice,
  ConsoleDevice,
  EntropyDevice,
  NetworkDevice,
  NetworkHub,
  type ErrnoError,
  type SysfsFs,
} from '../../lib';
import { world } from '../support/kit';

type Entry = readonly [kind: string, text: string];

/** What a real machine has in the directories of its class devices. */
const recorded = (
  JSON.parse(readFileSync(join(__dirname, '../data/x86-pci/class-devices.json'), 'utf8')) as {
    files: Record<string, Entry>;
  }
).files;

/** Names that are there and not here, with the reason. */
const LEFT_OUT: readonly [pattern: RegExp, why: string][] = [
  [/^block\/vda\/bdi$/, 'there is no page cache'],
  [/^block\/vda\/trace(\/|$)/, 'requests are not traced'],
  [/^block\/vda\/queue\/iosched(\/|$)/, 'there is no scheduler of requests'],
  [/^net\/eth0\/queues\/rx-0\/virtio_net(\/|$)/, 'the driver merges no buffers'],
];

/** Texts that differ, with the reason. */
const OTHER_TEXT: readonly [pattern: RegExp, why: string][] = [
  [/queue\/scheduler$|queue\/nr_requests$|mq\/0\/nr_tags$/, 'no scheduler, and another size of the ring'],
  [/queue\/(max_segments|discard_.*|write_zeroes_max_bytes)$/, 'the device says otherwise'],
  [/vda\/(stat|diskseq)$/, 'what has been read, and how many disks there were'],
  [/vport3p[01]\/(dev|uevent)$/, 'which major number is free'],
];

async function booted(): Promise<SysfsFs> {
  const made = world({
    devices: [
      new BlockDevice({ name: 'disk', serial: 'MACHINES-DISK-0', image: new Uint8Array(1 << 20), configWce: true }),
      new NetworkDevice({ name: 'net', hub: new NetworkHub(), mac: Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56) }),
      new EntropyDevice({ name: 'rng0' }),
      new ConsoleDevice({ name: 'console', ports: [{ console: true }, { name: 'org.machines.port.1' }] }),
      new EntropyDevice({ name: 'rng1' }),
    ],
  });
  await made.boot();
  for (const driver of [virtioBlk, virtioNet, virtioRng, virtioConsole]) await made.load(driver);
  await made.world.settle();
  return made.fs;
}

/** Every name below a directory of /sys/class. */
async function list(fs: SysfsFs, name: string, into: Record<string, Entry>): Promise<void> {
  const path = `/sys/class/${name}`;
  const stats = name.includes('/', name.indexOf('/') + 1) ? await fs.lstat(path) : await fs.stat(path);
  if (stats.isSymbolicLink()) into[name] = ['link', ''];
  else if (stats.isFile()) {
    const text = await fs.readFile(path).catch((error: unknown) => (error as ErrnoError).code);
    into[name] = [(stats.mode & 0o777).toString(8), text];
  } else {
    into[name] = ['dir', ''];
    for (const entry of await fs.readdir(path)) await list(fs, `${name}/${entry}`, into);
  }
}

describe('the directory of a class device', () => {
  const matches = (table: readonly [RegExp, string][], name: string): boolean =>
    table.some(([pattern]) => pattern.test(name));
  const here: Record<string, Entry> = {};

  before(async () => {
    const fs = await booted();
    for (const name of ['block/vda', 'net/eth0', 'misc/hw_random', 'virtio-ports/vport3p0', 'virtio-ports/vport3p1'])
      await list(fs, name, here);
  });

  it('regression: has the names and modes that a real kernel gives it', () => {
    const kinds = (all: Record<string, Entry>): string[] =>
      Object.entries(all)
        .map(([name, [kind]]) => `${name} ${kind}`)
        .sort();
    const there = Object.fromEntries(Object.entries(recorded).filter(([name]) => !matches(LEFT_OUT, name)));
    expect(kinds(here)).to.deep.equal(kinds(there));
  });

  it('regression: has the texts of a real one, but where the device or the machine is another', () => {
    const texts = (all: Record<string, Entry>): string[] =>
      Object.entries(all)
        .filter(([name]) => !matches(OTHER_TEXT, name) && !matches(LEFT_OUT, name))
        .map(([name, [, text]]) => `${name}: ${text}`)
        .sort();
    expect(texts(here)).to.deep.equal(texts(recorded));
  });

  it('the exceptions are needed', () => {
    for (const [pattern, why] of [...LEFT_OUT, ...OTHER_TEXT]) {
      const differs = Object.entries(recorded).some(
        ([name, [, text]]) => pattern.test(name) && here[name]?.[1] !== text,
      );
      expect(differs, `${String(pattern)}: ${why}`).to.equal(true);
    }
  });
});
