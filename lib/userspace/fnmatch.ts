/**
 * Does a text match a pattern as a whole? `*` is any text, `?` any character, `[abc]`, `[a-c]` and `[!a]` one of a set,
 * a backslash takes what follows as it is. A bracket that is never closed is a bracket.
 *
 * @see fnmatch(3) without flags: POSIX.1-2017, 2.13.1 and 2.13.2
 */
export function fnmatch(pattern: string, text: string): boolean {
  const tokens = tokenize(pattern);
  let at = 0;
  let inText = 0;
  let star = -1;
  let starText = 0;
  while (inText < text.length) {
    const token = tokens[at];
    if (token === '*') {
      star = at++;
      starText = inText;
    } else if (token !== undefined && token(text.charAt(inText))) {
      at++;
      inText++;
    } else if (star >= 0) {
      at = star + 1;
      inText = ++starText;
    } else return false;
  }
  return tokens.slice(at).every((token) => token === '*');
}

type Test = (char: string) => boolean;
/** A star, or a test of one character. */
type Token = '*' | Test;

interface CharSet {
  readonly test: Test;
  /** Where its closing bracket is. */
  readonly end: number;
}

function tokenize(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at);
    const set = char === '[' ? readSet(pattern, at + 1) : null;
    if (set !== null) {
      tokens.push(set.test);
      at = set.end;
    } else if (char === '*') tokens.push('*');
    else if (char === '?') tokens.push(() => true);
    else tokens.push(literal(char === '\\' && at + 1 < pattern.length ? pattern.charAt(++at) : char));
  }
  return tokens;
}

function literal(wanted: string): Token {
  return (char) => char === wanted;
}

/** A closing bracket that comes first is a member of the set. */
function readSet(pattern: string, from: number): CharSet | null {
  const negated = pattern[from] === '!' || pattern[from] === '^';
  const first = negated ? from + 1 : from;
  const ranges: (readonly [string, string])[] = [];
  for (let at = first; at < pattern.length; at++) {
    if (pattern[at] === ']' && at > first) return { test: (char) => isIn(ranges, char) !== negated, end: at };
    const low = pattern.charAt(pattern[at] === '\\' ? ++at : at);
    const isRange = pattern[at + 1] === '-' && at + 2 < pattern.length && pattern[at + 2] !== ']';
    if (isRange) at += pattern[at + 2] === '\\' ? 3 : 2;
    ranges.push([low, isRange ? pattern.charAt(at) : low]);
  }
  return null;
}

function isIn(ranges: readonly (readonly [string, string])[], char: string): boolean {
  return ranges.some(([low, high]) => low <= char && char <= high);
}
