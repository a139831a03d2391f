import { playwright } from '@vitest/browser-playwright';
import { defineConfig, mergeConfig } from 'vitest/config';
import viteConfig from './vite.config.ts';
import { chromiumArguments, findChromium } from './scripts/chromium.ts';

const executablePath = findChromium();

export default mergeConfig(
  viteConfig,
  defineConfig({
    test: {
      tags: [{ name: 'slow', description: 'Takes several seconds; `npm run test:quick` leaves it out.' }],
      projects: [
        {
          extends: true,
          test: {
            name: 'node',
            environment: 'node',
            include: ['src/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'],
            exclude: ['**/*.browser.test.ts', '**/*.adapter.test.ts'],
            testTimeout: 120_000,
            hookTimeout: 120_000,
          },
        },
        {
          extends: true,
          // On the adapter that Node finds: a GPU, or a software driver with features that Chromium's lacks. No part of `npm test`.
          test: { name: 'adapter', environment: 'node', include: ['bench/**/*.adapter.test.ts'] },
        },
        {
          extends: true,
          test: {
            name: 'browser',
            include: ['src/**/*.browser.test.ts'],
            // A hook may be the first to start the studio's worker, beside the tests in Node and the linter on the same cores.
            testTimeout: 120_000,
            hookTimeout: 120_000,
            fileParallelism: false,
            browser: {
              enabled: true,
              headless: true,
              // Beside the tests in Node, packages are prepared and Chromium starts slowly.
              connectTimeout: 180_000,
              screenshotFailures: false,
              provider: playwright({
                launchOptions: {
                  ...(executablePath === null ? {} : { executablePath }),
                  args: [...chromiumArguments],
                },
              }),
              instances: [{ browser: 'chromium' }],
            },
          },
        },
      ],
    },
  }),
);
