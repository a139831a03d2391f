// Writes the generated sample as arrays for finetune.py: data/shapes.rgba (64x64 RGBA) and data/shapes.jsonl (captions).
//
// Usage, from the repository's root: npx tsx reference/pretrain/shapes.ts [count]

import { mkdirSync, writeFileSync } from 'node:fs';
import { describeScene, drawScene, randomScenes, seededRandom } from '../../src/dataset/samples/scenes';

const count = Number(process.argv[2] ?? 1200);
const folder = new URL('./data/', import.meta.url);
const scenes = randomScenes(count, seededRandom(1));
const pixels = scenes.map((scene, i) => drawScene(scene, 64, seededRandom(65_537 + i)));
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('shapes.rgba', folder), Buffer.concat(pixels.map((picture) => Buffer.from(picture.buffer))));
writeFileSync(
  new URL('shapes.jsonl', folder),
  scenes.map((scene) => JSON.stringify({ text: describeScene(scene) })).join('\n') + '\n',
);
console.log(`${count} scenes`);
