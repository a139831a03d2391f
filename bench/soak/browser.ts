import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from '@playwright/test';
import { chromiumArguments, findChromium } from '../../scripts/chromium';
import { spoiler } from './spoiler';

/** A browser with a profile of its own that can be killed at any moment and started again, as a user's is. */
export class Victim {
  private process: ChildProcess | null = null;
  private browser: Browser | null = null;
  private current: Page | null = null;

  private constructor(
    private readonly profile: string,
    private readonly address: string,
  ) {}

  static async start(address: string): Promise<Victim> {
    const victim = new Victim(await mkdtemp(join(tmpdir(), 'vernier-soak-')), address);
    await victim.launch();
    return victim;
  }

  get page(): Page {
    if (this.current === null) throw new Error('There is no page.');
    return this.current;
  }

  /** Ends the browser as a crash of the machine would, and starts it again with the same profile. */
  async kill(): Promise<void> {
    await this.end();
    await this.launch();
  }

  /** Closes the tab without a question, and opens another. */
  async closeTab(): Promise<void> {
    const old = this.page;
    await this.open();
    await old.close({ runBeforeUnload: false });
    await this.visit();
  }

  async reload(): Promise<void> {
    await this.page.reload({ waitUntil: 'commit' });
  }

  /** Kills the process that talks to the GPU; the browser starts another. */
  async killGpu(): Promise<boolean> {
    const session = await this.browser?.newBrowserCDPSession();
    const { processInfo = [] } = (await session?.send('SystemInfo.getProcessInfo')) ?? {};
    await session?.detach();
    const found = processInfo.find(({ type }) => type === 'GPU');
    if (found === undefined) return false;
    process.kill(found.id, 'SIGKILL');
    return true;
  }

  /** Ends the studio's worker without an error and without a word. */
  async killWorker(): Promise<boolean> {
    const worker = this.page.workers().find((each) => /\/worker-[^/]*\.js$/.test(each.url()));
    await worker?.evaluate(() => self.close()).catch(() => undefined);
    return worker !== undefined;
  }

  async freeze(milliseconds: number): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    await session.send('Page.setWebLifecycleState', { state: 'frozen' });
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    await session.send('Page.setWebLifecycleState', { state: 'active' });
    await session.detach();
  }

  /** Leaves the studio no room for more than it has, or as much as usual again. */
  async limitStorage(limited: boolean): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    await session.send('Storage.overrideQuotaForOrigin', {
      origin: new URL(this.address).origin,
      ...(limited ? { quotaSize: 1 } : {}),
    });
    await session.detach();
  }

  /** Tells what was put before page and worker. */
  async spoil(what: { readonly aborts?: number; readonly date?: number; readonly time?: number }): Promise<void> {
    await this.page.evaluate((data) => {
      const channel = new BroadcastChannel('soak');
      channel.postMessage(data);
      channel.close();
    }, what);
  }

  async cutNetwork(cut: boolean): Promise<void> {
    await this.page.context().setOffline(cut);
  }

  async visit(backend?: string): Promise<void> {
    if (backend !== undefined) this.backend = backend;
    await this.page.goto(`${this.address}?backend=${this.backend}`);
  }

  async dispose(): Promise<void> {
    await this.end();
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  private backend = 'tfjs-wasm';

  private async launch(): Promise<void> {
    const executable = findChromium();
    if (executable === null) throw new Error('There is no Chromium. Set CHROME_PATH.');
    const started = spawn(
      executable,
      [
        ...chromiumArguments,
        '--headless=new',
        '--remote-debugging-port=0',
        '--window-size=1366,768',
        '--hide-crash-restore-bubble',
        // After the third crash of the process that talks to the GPU, Chromium computes with another driver, which comes to other last bits.
        '--disable-gpu-process-crash-limit',
        // The worker's script does not come from an address, and could ask nothing of this machine, where the hub is.
        '--disable-features=LocalNetworkAccessChecks',
        `--user-data-dir=${this.profile}`,
        'about:blank',
      ],
      // A group of its own: all of its processes end together.
      { detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.process = started;
    this.browser = await chromium.connectOverCDP(await addressOf(started));
    await this.open();
    await this.visit();
  }

  private async open(): Promise<void> {
    const context = this.browser?.contexts()[0];
    if (context === undefined) throw new Error('The browser has no window.');
    const page = await context.newPage();
    page.on('dialog', (dialog) => void dialog.accept().catch(() => undefined));
    await page.addInitScript(spoiler);
    // What tsx puts into functions that are sent to the page.
    await page.addInitScript('globalThis.__name = (value) => value;');
    await page.route(/\/worker-[^/]*\.js$/, async (route) => {
      const response = await route.fetch().catch(() => null);
      if (response === null) await route.abort().catch(() => undefined);
      else await route.fulfill({ response, body: spoiler + (await response.text()) }).catch(() => undefined);
    });
    this.current = page;
  }

  private async end(): Promise<void> {
    const { process: running } = this;
    this.process = null;
    this.current = null;
    if (running?.pid !== undefined && running.exitCode === null) {
      const gone = new Promise((resolve) => running.once('exit', resolve));
      process.kill(-running.pid, 'SIGKILL');
      await gone;
    }
    await this.browser?.close().catch(() => undefined);
    this.browser = null;
  }
}

/** Where a browser that has just been started can be spoken to. */
function addressOf({ stderr }: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(() => reject(new Error(`Chromium did not start: ${said}`)), 60_000);
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const found = /DevTools listening on (\S+)/.exec(said)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    });
  });
}
