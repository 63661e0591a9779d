import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const paths = ['/usr/bin/chromium', '/usr/bin/chromium-headless-shell'];
const executablePath = process.env.SEGOPS_TEST_CHROMIUM ?? paths.find(existsSync) ?? '';

/** Why tests that need Chromium are skipped, or false. */
export const withoutChromium: string | false = existsSync(executablePath)
  ? false
  : `there is no ${paths.join(' and no ')}`;

/** A Chromium that can crash and start again with what it stored. */
export class Chromium {
  readonly #profile = mkdtempSync(join(tmpdir(), 'segops-chromium-'));
  #context: BrowserContext | undefined;

  constructor(test: TestContext) {
    test.after(async () => {
      await this.#context?.close();
      rmSync(this.#profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    });
  }

  /** Opens a page, and starts the browser if it does not run. */
  async open(): Promise<Page> {
    this.#context ??= await chromium.launchPersistentContext(this.#profile, {
      executablePath,
      chromiumSandbox: false,
      args: ['--disable-gpu', '--disable-quic', '--disable-breakpad', '--disable-background-networking'],
      timeout: 120_000,
    });
    return this.#context.newPage();
  }

  /** Kills the browser, so that nothing in it can finish. */
  async kill(): Promise<void> {
    const context = this.#context;
    this.#context = undefined;
    const session = await context?.browser()?.newBrowserCDPSession();
    const { processInfo = [] } = (await session?.send('SystemInfo.getProcessInfo')) ?? {};
    const browser = processInfo.find(({ type }) => type === 'browser');
    if (!context || !browser) throw new Error('The browser does not run.');
    const closed = context.waitForEvent('close', { timeout: 0 });
    process.kill(browser.id, 'SIGKILL');
    await closed;
  }
}
