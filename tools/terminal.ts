/** Fewer columns than this nothing is made for. */
const LEAST = 60;
/** What fits on paper and into a mail. */
const UNKNOWN = 100;

/** Columns of a line of output: `COLUMNS` or the terminal's width, at least 60; 100 when neither is known. */
export function lineWidth(): number {
  return Math.max(LEAST, givenWidth() ?? UNKNOWN);
}

/**
 * {@link lineWidth} for quotations of traces and logs: null when neither is known, since whole lines can be searched.
 */
export function quotedWidth(): number | null {
  return givenWidth() === null ? null : lineWidth();
}

function givenWidth(): number | null {
  const columns = process.env['COLUMNS'] ?? '';
  if (/^[1-9]\d{0,4}$/.test(columns)) return Number(columns);
  return process.stdout.isTTY ? process.stdout.columns : null;
}
