// Opens the page in a tab and records all problems in it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';

export interface Visit {
  readonly page: Page;
  /** Console errors, exceptions, requests to other origins, violations of the policy. */
  readonly problems: string[];
  /** Body sizes of the responses, by path. */
  readonly fetched: Map<string, number>;
  /** Closes the tab and fails if there were problems. */
  end(): Promise<void>;
}

export interface VisitOptions extends BrowserContextOptions {
  readonly width?: number;
  /** Problems that match are ignored. */
  readonly expected?: RegExp;
  readonly print?: boolean;
}

/** Opens an address and waits until the page's start scripts have finished. */
export async function visit(browser: Browser, url: string, options: VisitOptions = {}): Promise<Visit> {
  const { width = 1440, expected, print, ...context } = options;
  const tab = await browser.newContext({
    viewport: { width, height: 900 },
    locale: 'en-GB',
    reducedMotion: 'reduce',
    ...context,
  });
  const page = await tab.newPage();
  const problems: string[] = [];
  const fetched = new Map<string, number>();
  const note = (problem: string): void => {
    if (!expected?.test(problem)) problems.push(problem);
  };
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') note(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => note(`exception: ${error.message}`));
  page.on('request', (request) => {
    const isOwn = new URL(request.url()).origin === new URL(url).origin || request.url().startsWith('data:');
    if (!isOwn) note(`request to ${request.url()}`);
  });
  page.on('response', async (response) => {
    const body = await response.body().catch(() => Buffer.alloc(0));
    fetched.set(new URL(response.url()).pathname, body.length);
  });
  await page.exposeBinding('dtmBreach', (_, breach: string) => note(`policy: ${breach}`));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      (globalThis as unknown as { dtmBreach(breach: string): void }).dtmBreach(
        `${violatedDirective} ${blockedURI}`,
      );
    });
  });
  if (print) await page.emulateMedia({ media: 'print' });
  await page.goto(url);
  if (options.javaScriptEnabled !== false)
    await page.waitForSelector('html[data-ready]', { state: 'attached' });
  const end = async (): Promise<void> => {
    await tab.close();
    assert.deepEqual(problems, []);
  };
  return { page, problems, fetched, end };
}

/** Defines `axe` in a page. */
export const axeScript = await readFile(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
);

interface AxeResults {
  readonly violations: readonly { id: string; nodes: readonly { html: string; failureSummary: string }[] }[];
  readonly passes: readonly unknown[];
}

/** Violations of WCAG 2.2 AA and of axe's best practices, in words, and the number of rules that passed. */
export async function axeFindings(page: Page): Promise<{ violations: string[]; passes: number }> {
  await page.evaluate(axeScript);
  const results = await page.evaluate(
    () =>
      (globalThis as unknown as { axe: { run(options: object): Promise<unknown> } }).axe.run({
        preload: false,
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      }) as Promise<AxeResults>,
  );
  const violations = results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)}: ${failureSummary}`),
  );
  return { violations, passes: results.passes.length };
}

/** True if the page itself scrolls sideways. */
export const scrollsSideways = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > innerWidth);

/** Scrolls to the map and to every chart, and waits until it is drawn. */
export async function seeAll(page: Page): Promise<void> {
  for (const container of ['[data-map]', '[data-picture]', '[data-dots]']) {
    await page.locator(container).evaluate((element) => element.scrollIntoView());
    await page.waitForSelector(`${container} svg`);
  }
}

/** An element's text, hidden parts included. */
export const textOf = async (locator: Locator): Promise<string> => (await locator.textContent()) ?? '';
