// Debian's Chromium, driven by playwright-core: installed if it is missing, started with a profile of its own.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

const run = promisify(execFile);

const PATH = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** No GPU, no first-run pages, and nothing that a browser asks of its maker. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Installs Chromium where it is missing. @throws {Error} that says what to do, if that cannot be done */
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

/** A browser that is closed when the test ends. */
export async function startChromium(t: TestContext): Promise<Browser> {
  await ensureChromium();
  const browser = await chromium.launch({ executablePath: PATH, headless: true, args: FLAGS });
  t.after(() => browser.close());
  return browser;
}
