import { styleText } from 'node:util';

/** Marks what matters, for a terminal; plain text otherwise. */
export type Paint = (colour: 'green' | 'red' | 'bold' | 'dim', text: string) => string;

export const plain: Paint = (_colour, text) => text;
export const coloured: Paint = (colour, text) => styleText(colour, text);
