import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { build, preview } from 'vite';
import { Victim } from './browser';
import { kinds, type Kind } from './faults';
import { Hub } from './hub';
import { Random } from './random';
import { scenes, type SceneName } from './scenes';
import { Studio } from './studio';

/**
 * Interrupts the studio again and again, in Chromium, at moments that a seed draws, and looks after each whether anything confirmed was lost or
 * damaged, whether a run that was interrupted comes to the same bits, and whether the page says what happened. Prints one line of JSON; progress goes
 * to standard error. Ends with 1 where anything was amiss.
 */

const usage = 'usage: npm run soak -- [--faults N] [--seed S] [--scene NAME] [--kind NAME] [--build]';

interface Failure {
  readonly index: number;
  readonly scene: SceneName;
  readonly kind: Kind;
  readonly problem: string;
}

const { values } = parseArgs({
  options: {
    faults: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    scene: { type: 'string' },
    kind: { type: 'string' },
    build: { type: 'boolean', default: false },
  },
});
const faults = Number(values.faults);
const seed = Number(values.seed);
if (!Number.isInteger(faults) || faults < 1 || !Number.isInteger(seed)) {
  console.error(usage);
  process.exit(1);
}

const begun = Date.now();
if (values.build || !existsSync('dist/index.html')) await build({ logLevel: 'warn' });
const server = await preview({ preview: { port: 0, open: false }, logLevel: 'error' });
const address = server.resolvedUrls?.local[0];
if (address === undefined) throw new Error('The preview server has no address.');

const random = new Random(seed);
const failures: Failure[] = [];
const counts: Record<string, number> = {};
/** What is still to come before anything comes again. */
const deck: (readonly [SceneName, Kind])[] = [];
const hub = await Hub.start();
const victim = await Victim.start(address);
try {
  const studio = new Studio(victim, hub);
  await studio.settleIn();
  for (let index = 1; index <= faults; index++) {
    const [scene, kind] = draw();
    const name = `${scene} ${kind}`;
    counts[name] = (counts[name] ?? 0) + 1;
    const from = Date.now();
    try {
      await scenes[scene](studio, kind, random);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      failures.push({ index, scene, kind, problem });
      await mkdir('out/soak', { recursive: true });
      await victim.page.screenshot({ path: `out/soak/${seed}-${index}.png` }).catch(() => undefined);
      console.error(`${index} ${name}: ${problem}`);
      await victim.kill();
      continue;
    }
    console.error(`${index} ${name} ${((Date.now() - from) / 1000).toFixed(1)} s`);
  }
} finally {
  await victim.dispose();
  await hub.stop();
  await server.close();
}
const seconds = Math.round((Date.now() - begun) / 1000);
console.log(JSON.stringify({ faults, seed, passed: faults - failures.length, failures, counts, seconds }));
process.exit(failures.length === 0 ? 0 : 1);

/** What is done next, and what happens to it: in an order that the seed draws, and nothing twice before everything was met once. */
function draw(): readonly [SceneName, Kind] {
  if (deck.length === 0) {
    const names = (Object.keys(scenes) as SceneName[]).filter((scene) => (values.scene ?? scene) === scene);
    const own = kinds.filter((kind) => (values.kind ?? kind) === kind);
    deck.push(...random.shuffled(names.flatMap((scene) => own.map((kind) => [scene, kind] as const))));
  }
  const next = deck.pop();
  if (next === undefined)
    throw new Error(`There is no scene ${values.scene ?? ''} or no kind ${values.kind ?? ''}. ${usage}`);
  return next;
}
