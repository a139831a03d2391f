import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { expect, test } from 'vitest';

/** Without the rules that need types, which take long to find and have no say in what may be imported. */
const eslint = new ESLint({ overrideConfig: tseslint.configs.disableTypeChecked as ESLint.Options['overrideConfig'] });

/** What the linter has to say on the imports of a file of `src/`, were this its text. */
async function findings(file: string, text: string): Promise<readonly string[]> {
  const [result] = await eslint.lintText(`${text}\n`, { filePath: `src/${file}` });
  const rules = new Set(['no-restricted-syntax', '@typescript-eslint/no-restricted-imports']);
  return (result?.messages ?? []).filter(({ ruleId }) => rules.has(ruleId ?? '')).map(({ message }) => message);
}

test.each([
  ['stores/run.ts', '../engine/device'],
  ['engine/executor.ts', '../model/memory'],
  ['engine/webgpu/executor.ts', '../../training/data/plan'],
  ['runs/store.ts', '../training/random'],
  ['training/features/tower.ts', '../session/session'],
  ['stores/run.ts', '@tensorflow/tfjs-core'],
  ['training/data/plan.ts', 'react'],
])('%s imports %s neither at its head nor later', async (file, path) => {
  expect(await findings(file, `import { x } from '${path}';\nexport { x };`)).toHaveLength(1);
  expect(await findings(file, `export const x = import('${path}');`)).toHaveLength(1);
});

test.each([
  ['app/pages.ts', '../pages/runs/RunPage'],
  ['training/compute/engines.ts', '../../engine/webgpu/executor'],
  ['training/services/report.ts', '../tasks/contrastive/evaluation'],
  ['engine/tfjs/backend.ts', '@tensorflow/tfjs-backend-cpu'],
  ['engine/webgpu/executor.ts', '../graph/ir'],
])('%s may import %s later', async (file, path) => {
  expect(await findings(file, `export const x = import('${path}');`)).toEqual([]);
});

test('a path that is put together is refused', async () => {
  const [message] = await findings('stores/run.ts', "export const load = (x: string) => import('../' + x);");
  expect(message).toContain('plain string');
});
