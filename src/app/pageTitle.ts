import { percent } from '../components/format';
import { linkInLocation } from '../recipe/link-location';
import { stageLabels, type StagePath } from './stages';

/** Where an address leads: `train`, `runs/<id>`. A recipe link leads to the recipe, and what no page has to the first stage. */
export function pageOf(location: string): string {
  if (linkInLocation(location) !== null) return 'recipe';
  const path = location.replace(/^#?\/?/, '');
  return Object.hasOwn(stageLabels, path) || /^runs(\/|$)/.test(path) ? path : 'data';
}

/** What pages about several runs are called, by their address without what is in them. */
const ofRuns: Readonly<Record<string, string>> = {
  runs: 'Runs',
  'runs/compare': 'Comparison',
  'runs/sweeps': 'Sweeps',
};

/** What a page of {@link pageOf} is called; a run by its own name, as far as it is known. */
function pageName(page: string, runName: string | null): string {
  const several = ofRuns[page.split('/', 2).join('/')];
  if (several !== undefined) return several;
  return Object.hasOwn(stageLabels, page) ? stageLabels[page as StagePath] : (runName ?? 'Run');
}

/**
 * The title of the tab, what tells tabs apart first: `42 % · Train – Vernier`.
 *
 * @param fraction how far the run in progress is, 0…1; null without one and before its first step
 */
export function pageTitle(page: string, runName: string | null, fraction: number | null): string {
  const done = fraction === null ? '' : `${percent(Math.floor(100 * fraction + 1e-9) / 100, 0)} · `;
  return `${done}${pageName(page, runName)} – Vernier`;
}
