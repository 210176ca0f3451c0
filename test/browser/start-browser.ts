// Starts Debian's Chromium or Firefox (DTM_BROWSER) with playwright-core and a new profile. Installs it if it is missing.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Browser, type BrowserType, chromium, firefox, type LaunchOptions } from 'playwright-core';
import { ensureDebian } from '../ensure-debian.ts';

interface Engine extends LaunchOptions {
  readonly type: BrowserType;
  readonly executablePath: string;
  /** Debian's package. */
  readonly package: string;
}

const ENGINES: Readonly<Record<string, Engine>> = {
  chromium: {
    type: chromium,
    package: 'chromium',
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    // No GPU, no first-run pages, and no requests to the browser's vendor.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  },
  firefox: {
    type: firefox,
    package: 'firefox-esr',
    executablePath: process.env.FIREFOX_PATH ?? '/usr/bin/firefox-esr',
    // Speaks WebDriver BiDi to an unchanged Firefox.
    channel: 'moz-firefox',
  },
};

/** Name of the browser under test. */
export const ENGINE = process.env.DTM_BROWSER ?? 'chromium';

/** For tests of print, of a page without scripts, of the clipboard, and of Chromium's network: an unchanged Firefox cannot be told so for one tab. It ignores dark colours, too. */
export const CHROMIUM_ALONE = { skip: ENGINE !== 'chromium' };

/** Where the browser puts what it saves. */
export const DOWNLOADS = mkdtempSync(join(tmpdir(), 'dtm-downloads-'));
process.once('exit', () => rmSync(DOWNLOADS, { recursive: true, force: true }));

/** Starts a browser and closes it when the test ends. */
export async function startBrowser(t: TestContext): Promise<Browser> {
  const engine = ENGINES[ENGINE];
  if (!engine) throw new Error(`DTM_BROWSER is ${ENGINE}: expected ${Object.keys(ENGINES).join(' or ')}`);
  const { type, package: command, ...options } = engine;
  if (!existsSync(options.executablePath))
    await ensureDebian({ command, packages: [command, 'fonts-noto-core'] });
  const browser = await type.launch({ headless: true, downloadsPath: DOWNLOADS, ...options });
  t.after(() => browser.close());
  return browser;
}
