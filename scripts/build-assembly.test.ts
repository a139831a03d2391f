import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { buildAssembly } from './build-assembly';

test('the committed WASM modules are those of assembly/', async () => {
  const committed = await readFile(new URL('../src/engine/tfjs/wasm/binaries.ts', import.meta.url), 'utf8');
  expect(await buildAssembly()).toBe(committed);
});
