import { need } from './lab-error';
import { parseInteger, parseNum } from './numbers';
import { show } from './show';

const MAX_NAMES = 8;
const MAX_ATTRS = 6;
/** Bytes. */
const MAX_KERNEL_NAME = 59;
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

function isHandle(text: string): boolean {
  return HANDLE.test(text);
}

/** @throws LabError syntax */
export function needHandle(text: string): void {
  const rule = 'a small letter, then up to 38 of a-z, 0-9, _ and -';
  need(isHandle(text), 'syntax', `${show(text)} is no handle: ${rule}`);
}

/** `0` or `1`; false if absent. */
export function flag(text: string | undefined): boolean {
  need(text === undefined || text === '0' || text === '1', 'syntax', `${show(text ?? '')} is neither 0 nor 1`);
  return text === '1';
}

/** `1` or a negative errno; 0 if absent. */
export function on(text: string | undefined): number {
  if (text === undefined) return 0;
  const value = parseNum(text);
  need(value !== null && (value === 1 || value < 0), 'syntax', `${show(text)} is neither 1 nor a negative errno`);
  return value;
}

function num(text: string): number {
  const value = parseNum(text);
  need(value !== null, 'syntax', `${show(text)} is neither an errno like -EIO nor a number within 4000 of 0`);
  return value;
}

/** A comma list of at most 8 words like handles. */
export function names(text: string | undefined): string[] {
  if (text === undefined) return [];
  const list = text.split(',');
  need(text.length < 256 && list.length <= MAX_NAMES, 'syntax', `more than ${String(MAX_NAMES)} names`);
  for (const name of list) needHandle(name);
  return list;
}

/** A comma list of at most 6 attribute names, each with `:ro` or `:wo` or neither. */
export function attrs(text: string | undefined): AttrSpec[] {
  if (text === undefined) return [];
  const list = text.split(',');
  need(list.length <= MAX_ATTRS, 'syntax', `more than ${String(MAX_ATTRS)} attributes`);
  return list.map(attr);
}

const ATTR_MODES: ReadonlyMap<string, number> = new Map([
  ['ro', 0o444],
  ['wo', 0o200],
]);

function attr(text: string): AttrSpec {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  needHandle(name);
  need(name.length <= 30, 'syntax', `attribute ${show(name)} has more than 30 characters`);
  const mode = colon < 0 ? 0o644 : ATTR_MODES.get(text.slice(colon + 1));
  need(mode !== undefined, 'syntax', `${show(text)}: behind the colon of an attribute is ro or wo`);
  return { name, mode };
}

/** A kernel name: anything of up to 59 bytes. */
export function kernelName(text: string | undefined): string | undefined {
  const fits = text === undefined || Buffer.byteLength(text) <= MAX_KERNEL_NAME;
  need(fits, 'syntax', `a kernel name has ${String(MAX_KERNEL_NAME)} bytes at most`);
  return text;
}

/** `NUM`, `NUM:COUNT` or `defer:DEV`; undefined if absent. */
export function probe(text: string | undefined): ProbeSpec | undefined {
  if (text === undefined) return undefined;
  need(text.length < 64, 'syntax', 'a result of probe has 63 characters at most');
  if (text.startsWith('defer:')) {
    const dev = text.slice('defer:'.length);
    needHandle(dev);
    return { kind: 'defer', dev };
  }
  const colon = text.indexOf(':');
  if (colon < 0) return { kind: 'fixed', value: num(text) };
  const left = parseInteger(text.slice(colon + 1));
  need(left !== null && left >= 0, 'syntax', `${show(text)}: behind the colon is how often`);
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
  need(found !== null, 'syntax', `${show(text)} is not MAJOR:MINOR`);
  const major = Number(found[1]);
  const minor = Number(found[2]);
  const fits = major >= 240 && major <= 254 && minor >= 0 && minor < 256;
  need(fits, 'syntax', `${show(text)}: MAJOR is 240 to 254, MINOR 0 to 255`);
  return { major, minor };
}
