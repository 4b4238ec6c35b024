/**
 * Opens the page of `ldm compare --html` in a real Chromium: on a desk and on a phone, light and dark, and as it is
 * printed. Exit code 1 with the first thing that is wrong; 0 with a line where there is no Chromium.
 *
 *     npm run html-check [-- FOLDER]      a FOLDER gets pictures to look at
 */
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { compare } from '../../lib/study';
import { page as makePage } from '../../tools/commands/compare/html/page';
import { fixtures } from '../../buses';
import { WORKLOADS } from '../../tools/commands/subjects';
import { FAINT_TEXTS } from './contrast';

const VIEWS: Readonly<Record<string, BrowserContextOptions>> = {
  'desk-light': { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  'desk-dark': { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  'phone-light': { viewport: { width: 360, height: 800 }, colorScheme: 'light', isMobile: true, hasTouch: true },
  'phone-dark': { viewport: { width: 360, height: 800 }, colorScheme: 'dark', isMobile: true, hasTouch: true },
};

/** Nothing but the page: no updates, no accounts, no first steps. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

async function checkView(
  browser: Browser,
  url: string,
  name: string,
  options: BrowserContextOptions,
  pictures?: string,
): Promise<void> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => request.url() === url || complaints.push(`asks for ${request.url()}`));
  await page.goto(url);
  const width = options.viewport?.width ?? 0;
  expect(await page.evaluate('document.documentElement.scrollWidth'), `${name}: wider than the window`).to.be.at.most(
    width,
  );
  expect(await page.evaluate(FAINT_TEXTS), `${name}: contrast below 4.5`).to.deep.equal([]);
  if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  await checkCell(page, name, pictures);
  await page.emulateMedia({ media: 'print' });
  await checkPrint(page, name);
  expect(complaints, name).to.deep.equal([]);
  await context.close();
}

/** Every cell can be opened and closed with the keyboard. */
async function checkCell(page: Page, name: string, pictures?: string): Promise<void> {
  const open = page.locator(':popover-open');
  const cell = page.locator('.broken .cell').first();
  await cell.focus();
  await page.keyboard.press('Enter');
  expect(await open.count(), `${name}: a cell opens`).to.equal(1);
  expect(await open.locator('pre').isVisible(), `${name}: its proof is seen`).to.equal(true);
  const id = await open.getAttribute('id');
  expect(id).to.equal(await cell.getAttribute('popovertarget'));
  if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}-cell.png`) });
  expect(await page.evaluate(FAINT_TEXTS), `${name}: contrast of a proof below 4.5`).to.deep.equal([]);
  await page.keyboard.press('Escape');
  expect(await open.count(), `${name}: Escape closes it`).to.equal(0);
  expect(await page.evaluate('document.activeElement.className'), `${name}: the cell has the focus again`).to.equal(
    'cell',
  );
}

async function checkPrint(page: Page, name: string): Promise<void> {
  for (const sequence of await page.locator('.sequence').all()) {
    expect((await sequence.boundingBox())?.height ?? 0, `${name}: a sequence is printed`).to.be.greaterThan(50);
  }
  expect(await page.locator('.proof:visible').count(), `${name}: no proof is printed`).to.equal(0);
  expect(await page.evaluate(FAINT_TEXTS), `${name}: contrast in print below 4.5`).to.deep.equal([]);
}

/** The first that is on the PATH. */
function findChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const files = ['chromium', 'chromium-browser', 'google-chrome'].flatMap((name) =>
    folders.map((folder) => join(folder, name)),
  );
  return files.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

async function check(executablePath: string, pictures?: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ldm-html-check-'));
  const file = join(folder, 'page.html');
  const result = await compare({ fixtures: fixtures, workloads: WORKLOADS }, { seed: 1, devices: 4, policy: 'lowest' });
  writeFileSync(file, makePage(result));
  const browser = await chromium.launch({ executablePath, args: QUIET });
  try {
    const url = pathToFileURL(file).href;
    for (const [name, options] of Object.entries(VIEWS)) await checkView(browser, url, name, options, pictures);
    console.log(`html-check: ${Object.keys(VIEWS).join(', ')} and print are well`);
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
}

const found = findChromium();
if (found === undefined) console.log('html-check: skipped, no Chromium found');
else void check(found, process.argv[2]);
