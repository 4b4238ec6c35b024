import { parse, type DefaultTreeAdapterTypes as Tree, type ParserError } from 'parse5';

export type Element = Tree.Element;

/** A page as a browser reads it. */
export interface ParsedPage {
  /** What a browser has to guess at: tags that do not match, attributes twice, and the like. */
  readonly errors: readonly string[];
  readonly elements: readonly Element[];
}

export function parsePage(text: string): ParsedPage {
  const errors: string[] = [];
  const onParseError = ({ code, startLine }: ParserError): void =>
    void errors.push(`line ${String(startLine)}: ${code}`);
  const document = parse(text, { onParseError });
  return { errors, elements: [...elementsBelow(document)] };
}

/** All elements inside, in the order of the text. */
export function* elementsBelow(node: Tree.Document | Element): Generator<Element> {
  for (const child of node.childNodes) {
    if (!('tagName' in child)) continue;
    yield child;
    yield* elementsBelow(child);
  }
}

export function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((attr) => attr.name === name)?.value;
}

export function textOf(node: Tree.ChildNode): string {
  if ('value' in node) return node.value;
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';
}
