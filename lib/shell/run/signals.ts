/** What leaves a command early. */
export abstract class Leave {
  constructor(readonly status: number) {}
}

/** `break`, `continue`: of so many loops. */
export class LeaveLoop extends Leave {
  constructor(
    readonly again: boolean,
    readonly loops: number,
  ) {
    super(0);
  }
}

/** `return` of a function. */
export class LeaveFunction extends Leave {}

/** `exit` of the shell or a subshell. */
export class LeaveShell extends Leave {}

/** The user has interrupted, or the commands are too many. */
export class Interrupted extends Leave {
  constructor() {
    super(130);
  }
}
