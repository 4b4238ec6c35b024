/**
 * A shell on a guest's /sys, /proc and /dev, as busybox 1.35 has it. It runs in a browser.
 *
 * @module linux-driver-model/shell
 */
export { ShellSession, type SessionOptions } from './session';
export type { ShellMachine } from './machine';
export { chunksOf, modulesOf, transcriptOf, writeTranscript } from './transcript';
export { complete, type Completion } from './complete';
export { TOUR, type TourStep } from './tour';
export { ShellSyntaxError } from './syntax/error';
export { parse } from './syntax/parser';
export { CommandError, type Call, type CommandDef, type Shell, type ShellWorld } from './run/command';
export { Interrupted, Leave, LeaveShell } from './run/signals';
export { NO_INPUT, type Input, type Output, type Stream } from './run/io';
export type { ShellProcess } from './run/shell';
