import { LabError, need } from './lab-error';
import { parseInteger, parseNum } from './numbers';

const MAX_NAMES = 8;
const MAX_ATTRS = 6;
const HANDLE = /^[a-z][a-z0-9_-]{0,38}$/;

/** An attribute of the lab: a name and 0644, 0444 or 0200. */
export interface AttrSpec {
  readonly name: string;
  readonly mode: number;
}

/** What a probe gives. `left` counts down in the object that has the key. */
export type ProbeSpec =
  | { readonly kind: 'fixed'; readonly value: number }
  | { readonly kind: 'count'; readonly value: number; left: number }
  | { readonly kind: 'defer'; readonly dev: string };

/** What a match gives: by ids, always that number, or no callback at all. */
export type MatchSpec = 'ids' | 'none-cb' | number;

export function isHandle(text: string): boolean {
  return HANDLE.test(text);
}

/** `0` or `1`; false if absent. */
export function flag(text: string | undefined): boolean {
  need(text === undefined || text === '0' || text === '1');
  return text === '1';
}

/** `1` or a negative errno; 0 if absent. */
export function on(text: string | undefined): number {
  if (text === undefined) return 0;
  const value = parseNum(text);
  need(value !== null && (value === 1 || value < 0));
  return value;
}

function num(text: string): number {
  const value = parseNum(text);
  need(value !== null);
  return value;
}

/** A comma list of at most 8 words like handles. */
export function names(text: string | undefined): string[] {
  if (text === undefined) return [];
  const list = text.split(',');
  need(text.length < 256 && list.length <= MAX_NAMES && list.every(isHandle));
  return list;
}

/** A comma list of at most 6 attribute names, each with `:ro` or `:wo` or neither. */
export function attrs(text: string | undefined): AttrSpec[] {
  if (text === undefined) return [];
  const list = text.split(',');
  need(list.length <= MAX_ATTRS);
  return list.map(attr);
}

function attr(text: string): AttrSpec {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  need(isHandle(name) && name.length <= 30);
  if (colon < 0) return { name, mode: 0o644 };
  switch (text.slice(colon + 1)) {
    case 'ro':
      return { name, mode: 0o444 };
    case 'wo':
      return { name, mode: 0o200 };
    default:
      throw new LabError('syntax');
  }
}

/** A kernel name: anything of up to 59 bytes. */
export function kernelName(text: string | undefined): string | undefined {
  need(text === undefined || Buffer.byteLength(text) < 60);
  return text;
}

/** `NUM`, `NUM:COUNT` or `defer:DEV`; undefined if absent. */
export function probe(text: string | undefined): ProbeSpec | undefined {
  if (text === undefined) return undefined;
  need(text.length < 64);
  if (text.startsWith('defer:')) {
    const dev = text.slice('defer:'.length);
    need(isHandle(dev));
    return { kind: 'defer', dev };
  }
  const colon = text.indexOf(':');
  if (colon < 0) return { kind: 'fixed', value: num(text) };
  const left = parseInteger(text.slice(colon + 1));
  need(left !== null && left >= 0);
  return { kind: 'count', value: num(text.slice(0, colon)), left };
}

/** `ids`, a number, and for a bus that is being added `none-cb`; `ids` if absent. */
export function match(text: string | undefined, mayBeNone = false): MatchSpec {
  if (text === undefined || text === 'ids') return 'ids';
  if (mayBeNone && text === 'none-cb') return 'none-cb';
  return num(text);
}

/** MAJOR:MINOR with MAJOR from 240 to 254, as the recorder's sscanf reads it. */
export function devt(text: string | undefined): { major: number; minor: number } | undefined {
  if (text === undefined) return undefined;
  const found = /^\s*(-?\d+):\s*(-?\d+)/.exec(text);
  need(found !== null);
  const major = Number(found[1]);
  const minor = Number(found[2]);
  need(major >= 240 && major <= 254 && minor >= 0 && minor < 256);
  return { major, minor };
}
