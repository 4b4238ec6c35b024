import { expect } from 'chai';
import fc from 'fast-check';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixtureName } from '../../lib/machine';
import { GROUPS, INVARIANTS, type Comparison } from '../../lib/study';
import { page } from '../../tools/commands/compare/html/page';
import { fixtures } from '../../buses';
import { main } from '../../tools/ldm';
import { captured } from '../support/captured';
import { attribute, elementsBelow, parsePage, textOf, type Element, type ParsedPage } from '../support/page';
import { wholeComparison } from '../support/whole-comparison';

const withClass = ({ elements }: ParsedPage, name: string): Element[] =>
  elements.filter((element) => attribute(element, 'class')?.split(' ').includes(name));

describe('ldm compare --html', () => {
  let result: Comparison;
  let text: string;
  let parsed: ParsedPage;
  before(async () => {
    result = await wholeComparison();
    text = page(result);
    parsed = parsePage(text);
  });

  it('is a page that a browser need not guess at', () => {
    expect(parsed.errors).to.deep.equal([]);
    const ids = parsed.elements.flatMap((element) => attribute(element, 'id') ?? []);
    expect(new Set(ids).size).to.equal(ids.length);
    expect(ids.length).to.be.greaterThan(INVARIANTS.length * fixtures.length);
  });

  it('is small enough to be sent around', () => {
    expect(text.length).to.be.lessThan(3_000_000);
  });

  it('loads nothing and runs nothing', () => {
    const loading = ['script', 'link', 'img', 'iframe', 'object', 'embed', 'audio', 'video', 'base', 'form'];
    expect(parsed.elements.filter(({ tagName }) => loading.includes(tagName))).to.deep.equal([]);
    for (const element of parsed.elements) {
      for (const { name, value } of element.attrs) {
        expect(name).not.to.match(/^on|^src/);
        if (name === 'href') expect(value).to.match(/^#[a-z]+$/);
      }
    }
    expect(text).not.to.match(/@import|url\((?!#)/);
  });

  it('has every link and every cell lead to something', () => {
    const ids = new Set(parsed.elements.flatMap((element) => attribute(element, 'id') ?? []));
    for (const element of parsed.elements) {
      const target =
        attribute(element, 'popovertarget') ??
        attribute(element, 'aria-labelledby') ??
        attribute(element, 'href')?.slice(1);
      if (target !== undefined) expect(ids).to.include(target);
    }
  });

  it('has a cell for each invariant and bus, with all lines of its proof', () => {
    const buttons = withClass(parsed, 'cell');
    const cells = GROUPS.flatMap(({ group }) =>
      result.invariants.filter((row) => row.group === group).flatMap((row) => row.cells),
    );
    expect(buttons).to.have.length(cells.length);
    for (const [i, button] of buttons.entries()) {
      const proof = parsed.elements.find((element) => attribute(element, 'id') === attribute(button, 'popovertarget'))!;
      const { text: found, evidence, holds } = cells[i]!;
      expect(textOf(button))
        .to.contain(found)
        .and.contain(holds === null ? '-' : holds ? '✓' : '✗');
      const [pre] = [...parsed.elements].filter((element) => element.tagName === 'pre' && element.parentNode === proof);
      expect(pre?.childNodes.map(textOf)).to.deep.equal(evidence);
    }
  });

  it('tells tables apart by captions, and heads from cells', () => {
    const tables = parsed.elements.filter(({ tagName }) => tagName === 'table');
    expect(tables.length).to.be.greaterThan(2);
    for (const table of tables)
      expect(table.childNodes.filter((node) => node.nodeName === 'caption')).to.have.length(1);
    const heads = parsed.elements.filter(({ tagName }) => tagName === 'th');
    for (const head of heads) expect(['col', 'row', 'colgroup', 'rowgroup']).to.include(attribute(head, 'scope'));
    expect(parsed.elements.filter(({ tagName }) => tagName === 'h1')).to.have.length(1);
    expect(
      attribute(
        parsed.elements.find(({ tagName }) => tagName === 'html')!,
        'lang',
      ),
    ).to.equal('en');
  });

  it('has a chart and a pair of sequences for each bus', () => {
    const charts = withClass(parsed, 'chart');
    expect(charts.map((chart) => textOf(chart.childNodes[0]!).split('\n')[0])).to.deep.equal(fixtures.map(fixtureName));
    const images = parsed.elements.filter(
      (element) => element.tagName === 'svg' && attribute(element, 'role') === 'img',
    );
    for (const [i, image] of images.entries()) {
      const { held, bound } = result.timelines[i]!.steps.at(-1)!.levels.at(-1)!;
      expect(attribute(image, 'aria-label')).to.match(new RegExp(`: ${String(held)} held, ${String(bound)} bound\\.$`));
    }
    const messages = result.sequences.flatMap(({ bind, unbind }) => [...bind, ...unbind]);
    const shown = withClass(parsed, 'sequence')
      .flatMap((list) => list.childNodes)
      .map(textOf);
    expect(shown).to.have.length(messages.length);
    for (const [i, { text: said }] of messages.entries()) expect(shown[i]).to.contain(said);
  });

  it('has the count of final states of each bus, with the order that shows a second one', () => {
    const lines = [...elementsBelow(withClass(parsed, 'states')[0]!)]
      .filter(({ tagName }) => tagName === 'tr')
      .slice(1);
    expect(lines).to.have.length(fixtures.length);
    for (const [i, line] of lines.entries()) {
      const { distinct, orders, shortest } = result.states[i]!;
      const items = [...elementsBelow(line)];
      expect(
        items
          .filter(({ tagName }) => tagName === 'td')
          .slice(0, 2)
          .map(textOf),
      ).to.deep.equal([String(orders), String(distinct)]);
      expect(items.filter(({ tagName }) => tagName === 'li').map(textOf)).to.deep.equal(shortest ?? []);
    }
  });

  it('draws each line of a chart from its first to its last level', () => {
    const lines = withClass(parsed, 'bound-line').filter(
      (line) => attribute(line.parentNode as Element, 'role') === 'img',
    );
    expect(lines).to.have.length(fixtures.length);
    for (const line of lines) expect(attribute(line, 'd')).to.match(/^M0 \d+(H[\d.]+V\d+)+H\d+$/);
  });

  it('is the same for the same comparison', () => {
    expect(page(result)).to.equal(text);
  });

  it('shows hostile texts as they are, and no markup in them', () => {
    const hostile = fc.oneof(
      fc.constantFrom(
        '</style><script>alert(1)</script>',
        '"><img src=x onerror=alert(1)>',
        "' autofocus onfocus='x",
        '<!--',
        ']]>',
        '&lt;',
        '${1}',
      ),
      fc.string({ unit: 'grapheme' }).map((noise) => noise.replace(/\p{Cc}/gu, '')),
    );
    fc.assert(
      fc.property(hostile, hostile, hostile, hostile, (title, found, line, message) => {
        const spoiled = parsePage(page(replaceTexts(result, title, found, line, message)));
        expect(spoiled.errors).to.deep.equal([]);
        expect(
          spoiled.elements.map(({ tagName }) => tagName).filter((tag) => ['script', 'img'].includes(tag)),
        ).to.deep.equal([]);
        const [pre] = spoiled.elements.filter(({ tagName }) => tagName === 'pre');
        expect(pre?.childNodes.map(textOf)).to.deep.equal([line]);
        expect(textOf(withClass(spoiled, 'what')[0]!)).to.equal(message);
        expect(attribute(withClass(spoiled, 'cell')[0]!, 'title')).to.equal(found);
      }),
      { numRuns: 30 },
    );
  });

  it('puts nothing into the page that a terminal or a parser would stumble over', () => {
    const spoiled = parsePage(page(replaceTexts(result, 'a\0b', 'c\x1b[31md', 'e\x07', 'f\x85')));
    expect(spoiled.errors).to.deep.equal([]);
  });
});

/** The first row and the first message of a comparison, with other texts. */
function replaceTexts(result: Comparison, title: string, text: string, line: string, message: string): Comparison {
  const [row] = result.invariants;
  const cells = row!.cells.map((cell) => ({ ...cell, text, evidence: [line] }));
  const sequences = [
    {
      bus: title,
      strategy: null,
      bind: [{ from: 'user', to: 'core', text: message, kind: 'question' } as const],
      unbind: [],
    },
  ];
  return { ...result, invariants: [{ ...row!, title, measure: title, cells }], sequences };
}

describe('the file of ldm compare --html', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ldm-html-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (path: string) =>
    captured(() => main(['compare', '--bus', 'vpci', '--driver', 'virtio_blk', '--html', path]));

  it('is written next to the report, over what was there', async () => {
    const path = join(folder, 'page.html');
    writeFileSync(path, 'old');
    const { out, err, code } = await write(path);
    expect({ err, code }).to.deep.equal({ err: '', code: 0 });
    expect(out).to.match(/^4 devices of each class/);
    expect(readFileSync(path, 'utf8')).to.match(/^<!DOCTYPE html>[^]*<\/html>\n$/);
    expect(readdirSync(folder)).to.deep.equal(['page.html']);
  });

  it('is refused with the reason, exit code 2 and nothing half-written', async () => {
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'directory'));
    const cases = [
      ['missing/page.html', 'No such file or directory'],
      ['directory', 'Is a directory'],
      ['file/page.html', 'Not a directory'],
      [`${'x'.repeat(300)}.html`, 'File name too long'],
    ] as const;
    for (const [name, reason] of cases) {
      const path = join(folder, name);
      expect(await write(path)).to.deep.equal({ out: '', err: `ldm: cannot write ${path}: ${reason}\n`, code: 2 });
      expect(readdirSync(folder)).to.deep.equal(['directory', 'file']);
    }
  });

  it('is refused when the disk is full', async function () {
    if (!existsSync('/dev/full')) this.skip();
    const { out, err, code } = await write('/dev/full');
    expect({ out, err, code }).to.deep.equal({
      out: '',
      err: 'ldm: cannot write /dev/full: No space left on device\n',
      code: 2,
    });
  });

  it('is left as it was when the comparison is refused', async () => {
    const path = join(folder, 'page.html');
    writeFileSync(path, 'old');
    const { code } = await captured(() => main(['compare', '--bus', 'isa', '--html', path]));
    expect(code).to.equal(2);
    expect(readFileSync(path, 'utf8')).to.equal('old');
    expect(readdirSync(folder)).to.deep.equal(['page.html']);
  });

  it('is not asked for together with another kind of output', async () => {
    for (const other of [['--json'], ['--explain', 'I6']]) {
      const { out, err, code } = await captured(() => main(['compare', '--html', join(folder, 'page.html'), ...other]));
      expect({ out, code }).to.deep.equal({ out: '', code: 2 });
      expect(err).to.match(/cannot be used with option/);
    }
  });
});
