/** Fewer columns than this nothing is made for. */
const LEAST = 60;
/** What fits on paper and into a mail. */
const UNKNOWN = 100;

/** Columns of a line of output: as `COLUMNS` says or the terminal has, at least 60; 100 when nobody says. */
export function lineWidth(): number {
  return Math.max(LEAST, givenWidth() ?? UNKNOWN);
}

/** {@link lineWidth} for what is quoted from traces and logs: null when nobody says, for whole lines can be searched. */
export function quotedWidth(): number | null {
  return givenWidth() === null ? null : lineWidth();
}

function givenWidth(): number | null {
  const columns = process.env['COLUMNS'] ?? '';
  if (/^[1-9]\d{0,4}$/.test(columns)) return Number(columns);
  return process.stdout.isTTY ? process.stdout.columns : null;
}
