import { gzipSync } from 'node:zlib';
import { expect, test } from '@playwright/test';

/** Most bytes, gzipped, of the scripts that a page needs before it shows anything. What a page alone needs comes with that page. */
const most = 200_000;

test('the shell stays small', async ({ request }) => {
  const html = await (await request.get('./')).text();
  const scripts = [...new Set(html.match(/assets\/[\w.-]+\.js/g))];
  expect(scripts.length).toBeGreaterThan(0);
  const sizes = await Promise.all(
    scripts.map(async (script) => gzipSync(await (await request.get(`./${script}`)).body()).length),
  );
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(most);
});
