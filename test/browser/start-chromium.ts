// Starts Debian's Chromium with playwright-core and a new profile. Installs it if it is missing.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

const run = promisify(execFile);

const PATH = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** No GPU, no first-run pages, and no requests to the browser's vendor. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Installs Chromium if it is missing. @throws {Error} with what to do if the installation fails */
async function ensureChromium(): Promise<void> {
  if (existsSync(PATH)) return;
  try {
    await run('apt-get', ['update', '-qq']);
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-noto-core']);
  } catch (cause) {
    throw new Error(`${PATH} is missing and cannot be installed: install Debian's chromium as root`, {
      cause,
    });
  }
}

/** Starts a browser and closes it when the test ends. */
export async function startChromium(t: TestContext): Promise<Browser> {
  await ensureChromium();
  const browser = await chromium.launch({ executablePath: PATH, headless: true, args: FLAGS });
  t.after(() => browser.close());
  return browser;
}
