import type { Locator } from '@playwright/test';
import { asChosen } from '../../e2e/support/data';
import { caption, picture } from '../../e2e/support/pictures';
import { goTo } from '../../e2e/support/studio';
import { ends, inflict, pause, type Kind } from './faults';
import type { Random } from './random';
import { appears, type SoakBackend, type Studio } from './studio';

/** What a studio is at when something happens to it, and what must be true afterwards. */
type Scene = (studio: Studio, kind: Kind, random: Random) => Promise<void>;

export const scenes = {
  import: importing,
  download: downloading,
  training,
  checkpointing,
  evaluation: evaluating,
  export: exporting,
} as const satisfies Record<string, Scene>;
export type SceneName = keyof typeof scenes;

async function training(studio: Studio, kind: Kind, random: Random): Promise<void> {
  await interruptedRun(studio, kind, random, async () => {
    await studio.checkpoint();
    await studio.checkpointIsKept();
    await pause(random.between(0, 1500));
  });
}

/** A further checkpoint is on its way when it happens. */
async function checkpointing(studio: Studio, kind: Kind, random: Random): Promise<void> {
  await interruptedRun(studio, kind, random, async () => {
    await studio.checkpoint();
    await studio.checkpointIsKept();
    await studio.checkpoint();
    await pause(random.between(0, 60));
  });
}

async function interruptedRun(studio: Studio, kind: Kind, random: Random, ready: () => Promise<void>): Promise<void> {
  const backend: SoakBackend = kind === 'kill-gpu' ? 'webgpu' : 'tfjs-wasm';
  await studio.victim.visit(backend);
  await studio.straightRun(backend);
  const name = await studio.train(backend);
  await ready();
  await inflict(kind, studio.victim, random);
  const said = await studio.finishes(backend, name);
  if (said !== null && ends[kind] === 'page' && !/Welcome back|Went on from here/.test(said)) {
    throw new Error('The page did not say that the run had been interrupted.');
  }
  if (said !== null && ends[kind] === 'worker' && !said.includes('Went on from here')) {
    throw new Error('The page did not say that the run went on.');
  }
  await studio.verify({ name, backend });
}

async function importing(studio: Studio, kind: Kind, random: Random): Promise<void> {
  const count = 40;
  const name = 'others';
  const files: Record<string, Uint8Array | string> = {};
  for (let seed = 1000; seed < 1000 + count; seed++) {
    files[`${seed}.png`] = picture(seed);
    files[`${seed}.txt`] = caption(seed);
  }
  const begin = async (): Promise<void> => {
    const { page } = studio;
    await goTo(page, 'Data');
    await page.getByRole('button', { name: 'Add pictures' }).click({ timeout: 60_000 });
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('menuitem', { name: 'Choose files' }).click();
    await (await chooser).setFiles(asChosen(files));
    await page.getByRole('button', { name: /^New dataset/ }).click();
  };
  const whole = () => studio.page.getByText(new RegExp(`^${count} pictures · `));
  await studio.victim.visit('tfjs-wasm');
  await begin();
  await pause(random.between(0, 600));
  await inflict(kind, studio.victim, random);
  // Either all of it is there or nothing; what it comes to is known once the page has settled.
  const { page } = studio;
  await goTo(page, 'Data');
  for (let attempt = 0; ; attempt++) {
    await settled(studio);
    await studio.verify();
    if (await whole().isVisible()) break;
    if (attempt === 2) throw new Error(`The ${name} could not be imported. The page says: ${await studio.words()}`);
    // What is done again is not the matter of this scene.
    await studio.victim.spoil({ aborts: 0 });
    await begin();
  }
  await studio.victim.spoil({ aborts: 0 });
  // One that was whole when the tab went, and that the page did not open with, is there beside the one that was made again.
  const first = page.getByText(/^24 pictures · /);
  while (!(await first.isVisible())) {
    const before = await studio.datasets();
    await page.getByRole('button', { name: 'More about this dataset' }).click();
    await page.getByRole('menuitem', { name: /^Delete the dataset/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete the dataset' }).click();
    for (const until = Date.now() + 60_000; (await studio.datasets()) === before; await pause(100)) {
      if (Date.now() > until) throw new Error(`The ${name} could not be deleted.`);
    }
    await appears(first.or(whole()));
  }
  await studio.verify();
}

/** Waits until no import is in progress. */
async function settled({ page }: Studio): Promise<void> {
  await appears(page.getByRole('button', { name: 'Add pictures' }));
  await pause(300);
  await page.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'hidden', timeout: 60_000 });
  await appears(page.getByText(/^\d+ pictures · /));
}

/** The embedded model comes when the page opens, others from a hub, and are kept. */
async function downloading(studio: Studio, kind: Kind, random: Random): Promise<void> {
  if (random.next() < 0.5) await openingEmbedded(studio, kind, random);
  else await openingFromHub(studio, kind, random);
  await studio.verify();
}

async function openingEmbedded(studio: Studio, kind: Kind, random: Random): Promise<void> {
  await studio.victim.visit('tfjs-wasm');
  await pause(random.between(0, 800));
  await inflict(kind, studio.victim, random);
  await comes(studio, seedClip, kind, () => studio.victim.reload());
}

async function openingFromHub(studio: Studio, kind: Kind, random: Random): Promise<void> {
  const { hub } = studio;
  const id = `someone/clip-${Math.floor(random.between(0, 1e6))}`;
  const open = async (): Promise<void> => {
    const { page } = studio;
    await goTo(page, 'Model');
    const name = page.getByRole('textbox', { name: 'Name on the hub' });
    await appears(name);
    const address = page.getByRole('textbox', { name: 'Address of the hub' });
    if (!(await address.isVisible())) await page.getByRole('button', { name: 'Another hub' }).click();
    await address.fill(hub.address);
    await name.fill(id);
    await page.getByRole('button', { name: 'Open from the hub' }).click({ timeout: 60_000 });
  };
  await studio.victim.visit('tfjs-wasm');
  await appears(modelStage(studio, seedClip));
  await open();
  await pause(random.between(0, 1500));
  await inflict(kind, studio.victim, random);
  await comes(studio, id, kind, open);
  await goTo(studio.page, 'Model');
  const { models } = await studio.stored();
  for (const [name, digest] of hub.digests) {
    const kept = Object.entries(models).find(([key]) => key.includes(id) && key.endsWith(`/${name}`))?.[1];
    if (kept !== undefined && kept !== digest) throw new Error(`${name} of ${id} is not as the hub has it.`);
    if (kept === undefined && !(await studio.words()).includes('could not be kept in this browser')) {
      throw new Error(`The page does not say that ${name} of ${id} is not kept.`);
    }
  }
  await studio.page.getByRole('button', { name: `Use ${seedClip}`, exact: true }).click();
  await appears(modelStage(studio, seedClip));
}

const seedClip = 'Seed CLIP';

/** What the rail says where a model is open. */
function modelStage({ page }: Studio, model: string): Locator {
  return page
    .getByRole('navigation')
    .getByRole('link', { name: /^Model ready/ })
    .filter({ hasText: model });
}

/** Waits until a model is open. Where it does not come, the page must say why, unless it has begun anew; it is then asked for again. */
async function comes(studio: Studio, model: string, kind: Kind, ask: () => Promise<void>): Promise<void> {
  const until = Date.now() + 120_000;
  let idleSince = Date.now();
  while (!(await modelStage(studio, model).isVisible())) {
    const { page } = studio;
    if (Date.now() > until) throw new Error(`${model} does not come. The page says: ${await studio.words()}`);
    await pause(100);
    if (
      await page
        .getByRole('navigation')
        .getByRole('link', { name: /^Model running/ })
        .isVisible()
    ) {
      idleSince = Date.now();
    }
    const said = await page.getByRole('alert').filter({ hasText: 'could not be opened' }).isVisible();
    // A page that begins anew has much to do before it opens a model.
    if (Date.now() - idleSince < (said ? 500 : 10_000)) continue;
    if (!said && ends[kind] !== 'page') {
      throw new Error(`The page does not say what has become of ${model}: ${await studio.words()}`);
    }
    await ask();
    idleSince = Date.now();
  }
}

async function evaluating(studio: Studio, kind: Kind, random: Random): Promise<void> {
  await repeated(studio, kind, random, 'Evaluate', /^Evaluate( again)?$/, (words) => /Recall@1/.test(words));
}

async function exporting(studio: Studio, kind: Kind, random: Random): Promise<void> {
  await repeated(studio, kind, random, 'Export', /^Build export$/, (words) => words.includes('Read back'));
}

/** A job that may be broken off, and is then asked for again. */
async function repeated(
  studio: Studio,
  kind: Kind,
  random: Random,
  stage: string,
  button: RegExp,
  isDone: (words: string) => boolean,
): Promise<void> {
  await studio.victim.visit(kind === 'kill-gpu' ? 'webgpu' : 'tfjs-wasm');
  await goTo(studio.page, stage);
  await studio.page.getByRole('button', { name: button }).click({ timeout: 60_000 });
  await pause(random.between(0, 700));
  await inflict(kind, studio.victim, random);
  await goTo(studio.page, stage);
  const until = Date.now() + 60_000;
  let asked = Date.now();
  while (!isDone(await studio.words())) {
    if (Date.now() > until) throw new Error(`${stage} did not come to its end. The page says: ${await studio.words()}`);
    const again = studio.page.getByRole('button', { name: button });
    if (Date.now() - asked > 2000 && (await again.isVisible()) && (await again.isEnabled())) {
      asked = Date.now();
      await again.click({ timeout: 2000 }).catch(() => undefined);
    }
    await pause(100);
  }
  await studio.verify();
}
