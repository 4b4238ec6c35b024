/** Characters of a word that a message shows. */
const LONGEST = 60;

/** A word of a program as a message shows it: quoted, and cut where it is very long. */
export function show(word: string): string {
  return JSON.stringify(word.length > LONGEST ? `${word.slice(0, LONGEST)}...` : word);
}
