// Starts Debian's Chromium or Firefox (DTM_BROWSER) with playwright-core and a new profile. Installs it if it is missing.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { type Browser, type BrowserType, chromium, firefox, type LaunchOptions } from 'playwright-core';

const run = promisify(execFile);

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

/** Installs the browser if it is missing. @throws {Error} with what to do if the installation fails */
async function ensureInstalled({ executablePath, package: name }: Engine): Promise<void> {
  if (existsSync(executablePath)) return;
  try {
    await run('apt-get', ['update', '-qq']);
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name, 'fonts-noto-core']);
  } catch (cause) {
    throw new Error(
      `${executablePath} is missing and cannot be installed: install Debian's ${name} as root`,
      {
        cause,
      },
    );
  }
}

/** Starts a browser and closes it when the test ends. */
export async function startBrowser(t: TestContext): Promise<Browser> {
  const engine = ENGINES[ENGINE];
  if (!engine) throw new Error(`DTM_BROWSER is ${ENGINE}: expected ${Object.keys(ENGINES).join(' or ')}`);
  await ensureInstalled(engine);
  const { type, package: _, ...options } = engine;
  const browser = await type.launch({ headless: true, downloadsPath: DOWNLOADS, ...options });
  t.after(() => browser.close());
  return browser;
}
