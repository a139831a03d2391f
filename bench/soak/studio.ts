import { captionedFolder, dataSummary } from '../../e2e/support/data';
import { goTo } from '../../e2e/support/studio';
import type { Locator, Page } from '@playwright/test';
import { readStored, type Stored, type StoredRun } from './stored';
import type { Victim } from './browser';
import type { Hub } from './hub';
import { pause } from './faults';

/** Steps of a run on the processor, and on the software GPU: long enough for anything to happen to it, on a busy machine too. */
const lengths = { 'tfjs-wasm': 3000, webgpu: 2000 } as const;
export type SoakBackend = keyof typeof lengths;

const pictures = 24;
const patience = 120_000;

/** The studio in a browser that things happen to, used as a user would, with what has been confirmed so far. */
export class Studio {
  /** What a run comes to that nothing happens to, by backend. */
  private readonly straight = new Map<SoakBackend, Pick<StoredRun, 'result' | 'kernels'>>();
  /** Digest of the dataset that everything is done with. */
  private dataset = '';
  private datasetId = '';

  constructor(
    readonly victim: Victim,
    readonly hub: Hub,
  ) {}

  get page(): Page {
    return this.victim.page;
  }

  /** The first visit: pictures, a recipe, and a run that nothing happens to. */
  async settleIn(): Promise<void> {
    const chooser = this.page.waitForEvent('filechooser');
    await this.page.getByRole('button', { name: 'Choose a folder' }).click();
    await (await chooser).setFiles(await captionedFolder(pictures));
    await appears(dataSummary(this.page, pictures));
    await goTo(this.page, 'Recipe');
    await this.page.getByRole('radio', { name: 'Quick, without a GPU' }).click();
    await this.fill('Batch size', 8);
    // Whether so few pictures make anything better is left to chance; the last weights are compared.
    await this.page.getByRole('switch', { name: 'Keep the best weights' }).click();
    await this.straightRun('tfjs-wasm');
    const { datasets } = await readStored(this.page);
    [[this.datasetId, this.dataset] = ['', '']] = Object.entries(datasets);
  }

  /** Trains without a fault, once for each backend. */
  async straightRun(backend: SoakBackend): Promise<void> {
    if (this.straight.has(backend)) return;
    const name = await this.train(backend);
    await this.finishes(backend, name);
    const run = (await readStored(this.page)).runs[name];
    if (run === undefined) throw new Error(`${name} is not stored.`);
    this.straight.set(backend, run);
    await this.page.getByRole('button', { name: 'New run' }).click();
  }

  /** Starts a run and waits for its first steps; gives its name. */
  async train(backend: SoakBackend): Promise<string> {
    await goTo(this.page, 'Recipe');
    await this.fill('Steps', lengths[backend]);
    await this.fill('Evaluate every', lengths[backend] / 4);
    await goTo(this.page, 'Train');
    const again = this.page.getByRole('button', { name: 'New run' });
    if (await again.isVisible()) await again.click();
    await this.page.getByRole('button', { name: 'Train', exact: true }).click({ timeout: patience });
    await appears(this.progress.getByText(/^[1-9][\d,]* of [\d,]+ steps/));
    return this.page.getByRole('heading', { level: 1 }).innerText();
  }

  /** All that is stored. */
  stored(): Promise<Stored> {
    return readStored(this.page);
  }

  /** How many datasets are stored. */
  async datasets(): Promise<number> {
    return Object.keys((await readStored(this.page)).datasets).length;
  }

  get progress(): Locator {
    return this.page.getByRole('region', { name: 'Progress' });
  }

  /** Asks for a checkpoint. */
  async checkpoint(): Promise<void> {
    await this.page.getByRole('button', { name: 'More about this run' }).click();
    await this.page.getByRole('menuitem', { name: 'Keep a checkpoint now' }).click();
  }

  async checkpointIsKept(): Promise<void> {
    await appears(this.progress.getByText(/checkpoint at step/));
  }

  /**
   * Waits for the end of a run; where it was interrupted, does what the page offers.
   *
   * @returns all that the page said of it; null where it had come to its end before anything could happen to it
   */
  async finishes(backend: SoakBackend, name: string): Promise<string | null> {
    const { page } = this;
    const end = page.getByText(`Finished after ${lengths[backend]} steps`).first();
    const goOn = page.getByRole('button', { name: /^Go on from step/ }).first();
    const until = Date.now() + patience;
    const said = new Set<string>();
    let looked = Date.now();
    while (!(await end.isVisible())) {
      if (Date.now() > until) throw new Error(`The run did not come to its end. The page says: ${await this.words()}`);
      for (const notice of await page.getByRole('status').or(page.getByRole('alert')).allInnerTexts()) said.add(notice);
      if (Date.now() - looked > 3000 && !(await this.progress.isVisible())) {
        looked = Date.now();
        const { runs } = await readStored(page);
        if (runs[name]?.state === 'finished' && !(await end.isVisible())) return null;
      }
      if ((await goOn.isVisible()) && (await goOn.isEnabled()))
        await goOn.click({ timeout: 2000 }).catch(() => undefined);
      await pause(100);
    }
    said.add(await this.words());
    return [...said].join('\n');
  }

  words(): Promise<string> {
    return this.page.locator('main').innerText();
  }

  /** What must hold whatever has happened. Throws what does not. */
  async verify(run: { readonly name: string; readonly backend: SoakBackend } | null = null): Promise<void> {
    const stored = await readStored(this.page);
    if (stored.faults.length > 0) throw new Error(stored.faults.join('; '));
    const incomplete = Object.entries(stored.datasets).find(([, digest]) => digest === 'incomplete');
    if (incomplete !== undefined) throw new Error(`The dataset ${incomplete[0]} is not whole.`);
    if (stored.datasets[this.datasetId] !== this.dataset) throw new Error('The confirmed pictures have changed.');
    this.compareRuns(stored);
    if (run === null) return;
    const { state, result, kernels } = stored.runs[run.name] ?? { state: 'missing', result: '', kernels: '' };
    if (state !== 'finished') throw new Error(`${run.name} is ${state}.`);
    const straight = this.straight.get(run.backend);
    if (result !== straight?.result) {
      const same = kernels === straight?.kernels ? 'the same kernels' : `${kernels} instead of ${straight?.kernels}`;
      throw new Error(`${run.name} came to another end with ${same}.`);
    }
    this.confirmed.set(run.name, result);
  }

  /** Results of runs that have come to their end. */
  private readonly confirmed = new Map<string, string>();

  private compareRuns({ runs }: Stored): void {
    for (const [name, result] of this.confirmed) {
      if (runs[name]?.result !== result) throw new Error(`${name}, which had finished, is not what it was.`);
    }
  }

  private async fill(field: string, value: number): Promise<void> {
    await this.page.getByRole('spinbutton', { name: field, exact: true }).fill(String(value));
  }
}

export function appears(what: Locator): Promise<void> {
  return what.first().waitFor({ state: 'visible', timeout: patience });
}
