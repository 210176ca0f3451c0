// Starts Debian's WebKitGTK, whose engine Safari has, with its own driver and a screen that nobody sees. Installs both if
// they are missing. selenium-webdriver speaks to that driver; playwright-core would need a WebKit that it has changed.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { Builder, By, error, until, type WebDriver, type WebElement } from 'selenium-webdriver';
import { ensureDebian } from '../../ensure-debian.ts';
import { afterTest, temporaryFolder } from '../../setting.ts';
import { freePort, startServer } from '../../start-server.ts';
import { takeDownload } from '../read-download.ts';

const run = promisify(execFile);

const DRIVER = process.env.WEBKIT_DRIVER_PATH ?? '/usr/bin/WebKitWebDriver';
const SCREEN = '/usr/bin/Xvfb';
const PACKAGES = ['webkit2gtk-driver', 'xvfb', 'fonts-noto-core'];

/** Milliseconds to wait for a part of the page. */
const PATIENCE = 20_000;

/** One window of the browser. */
export interface Window {
  readonly driver: WebDriver;
  /** Opens an address anew, and waits until the page's start scripts have finished. */
  open(url: string): Promise<void>;
  /** Waits for an element, and scrolls it into the middle of the window. */
  see(selector: string): Promise<void>;
  click(selector: string): Promise<void>;
  /** Types a text or keys into an element. */
  type(selector: string, ...keys: string[]): Promise<void>;
  /** Waits until a function of the page is true. */
  until(isTrue: (...args: string[]) => boolean, ...args: string[]): Promise<void>;
  /** Clicks a button that saves a file, and takes the file. */
  save(selector: string): Promise<{ name: string; bytes: Buffer }>;
}

/** Starts a browser with a new profile, and closes it when the test ends. */
export async function startWebkit(t: TestContext): Promise<Window> {
  if (![DRIVER, SCREEN].every((path) => existsSync(path)))
    await ensureDebian({ command: 'WebKitWebDriver', packages: PACKAGES });
  const home = await temporaryFolder(t);
  const downloads = await downloadsIn(home);
  const address = await startDriver(t, home, await startScreen(t));
  const driver = await new Builder()
    .usingServer(address)
    .withCapabilities({
      browserName: 'MiniBrowser',
      'webkitgtk:browserOptions': { binary: await browserPath(), args: ['--automation'] },
    })
    .build();
  afterTest(t, () => driver.quit());
  await driver.manage().window().setRect({ x: 0, y: 0, width: 1440, height: 900 });
  return windowOf(driver, downloads);
}

function windowOf(driver: WebDriver, downloads: string): Window {
  const act = async (selector: string, work: (element: WebElement) => Promise<void>): Promise<void> => {
    await driver.wait(() => tryOn(driver, selector, work), PATIENCE, `${selector}: not there, or covered`);
  };
  const click = (selector: string) => act(selector, (element) => element.click());
  return {
    driver,
    open: async (url) => {
      // With another hash alone, the page would stay.
      await driver.get('about:blank');
      await driver.get(url);
      await driver.wait(until.elementLocated(By.css('html[data-ready]')), PATIENCE, 'scripts did not end');
    },
    see: (selector) => act(selector, async () => {}),
    click,
    type: (selector, ...keys) => act(selector, (element) => element.sendKeys(...keys)),
    until: async (isTrue, ...args) => {
      await driver.wait(
        () => driver.executeScript<boolean>(isTrue, ...args),
        PATIENCE,
        `${isTrue} (${args})`,
      );
    },
    save: async (selector) => {
      await click(selector);
      return takeDownload(downloads);
    },
  };
}

/** A page that draws a part anew may remove an element, or move it below another, before it is clicked. */
const MOVED = [
  error.StaleElementReferenceError,
  error.ElementClickInterceptedError,
  error.ElementNotInteractableError,
];

/** Works on an element. False if there is none, or if the page has just moved it. */
async function tryOn(
  driver: WebDriver,
  selector: string,
  work: (element: WebElement) => Promise<void>,
): Promise<boolean> {
  try {
    const element = await driver.executeScript<WebElement | null>(scrollTo, selector);
    if (element) await work(element);
    return element !== null;
  } catch (thrown) {
    if (MOVED.some((kind) => thrown instanceof kind)) return false;
    throw thrown;
  }
}

/** Scrolls an element into the middle of the window, and returns it. Runs in the page. */
function scrollTo(selector: string): Element | null {
  const found = document.querySelector(selector);
  found?.scrollIntoView({ block: 'center' });
  return found;
}

/** Tells the browser where to save files. */
async function downloadsIn(home: string): Promise<string> {
  await mkdir(join(home, '.config'));
  await mkdir(join(home, 'downloads'));
  await writeFile(join(home, '.config/user-dirs.dirs'), 'XDG_DOWNLOAD_DIR="$HOME/downloads"\n');
  return join(home, 'downloads');
}

/** Path of WebKitGTK's small browser, which lies with its library. */
async function browserPath(): Promise<string> {
  const { stdout } = await run('dpkg', ['-L', 'webkit2gtk-driver', 'libwebkit2gtk-4.1-0']);
  const path = stdout.split('\n').find((line) => line.endsWith('/MiniBrowser'));
  if (path === undefined)
    throw new Error('no MiniBrowser in the packages webkit2gtk-driver and libwebkit2gtk-4.1-0');
  return path;
}

/** Starts a screen, and resolves to its name, such as `:1`. */
async function startScreen(t: TestContext): Promise<string> {
  const child = spawn(SCREEN, ['-displayfd', '3', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  afterTest(t, async () => {
    if (child.kill()) await ended;
  });
  const failed = ended.then(() => Promise.reject(new Error(`${SCREEN} did not start`)));
  const [number] = (await Promise.race([once(child.stdio[3] as Readable, 'data'), failed])) as [Buffer];
  return `:${String(number).trim()}`;
}

/** Starts the driver, and resolves to its address. */
async function startDriver(t: TestContext, home: string, DISPLAY: string): Promise<string> {
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  await startServer(
    { after: (work) => afterTest(t, work) },
    {
      name: 'WebKitWebDriver',
      command: DRIVER,
      args: [`--port=${port}`],
      // A locale without a language: see `locale.ts`.
      env: { PATH: process.env.PATH ?? '', DISPLAY, HOME: home, LC_ALL: 'C.UTF-8' },
      folder: home,
      ready: `${address}/status`,
    },
  );
  return address;
}
