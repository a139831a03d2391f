/** Makes sure that the tests have a Chromium, installing one where none is found, and says in one line which it is. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findChromium } from './chromium.ts';

function run(command: string, ...parameters: string[]): boolean {
  return spawnSync(command, parameters, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
}

function install(): void {
  const mayUseApt = process.getuid?.() === 0 && existsSync('/etc/debian_version');
  if (mayUseApt) {
    console.log('No Chromium found. Installing the package "chromium" with apt …');
    // Ubuntu's package of that name is a stub for snap, so what counts is whether a browser is there afterwards.
    if (
      run('apt-get', 'update', '-qq') &&
      run('apt-get', 'install', '-y', '-qq', 'chromium') &&
      findChromium() !== null
    )
      return;
  }
  console.log("Installing Playwright's Chromium …");
  run('npx', 'playwright', 'install', ...(mayUseApt ? ['--with-deps'] : []), 'chromium');
}

if (findChromium() === null) install();
const path = findChromium();
if (path === null) {
  console.error(
    'The tests need Chromium or Chrome, and none could be installed. Install one and name it: CHROME_PATH=/path/to/chrome npm test',
  );
  process.exit(1);
}
const version = spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.trim();
console.log(`Tests use ${version || 'Chromium'} at ${path}.`);
