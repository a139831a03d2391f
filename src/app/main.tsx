import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { useProjectStore } from '../stores/project';
import { machineOf } from '../stores/readiness';
import { useRecipeStore } from '../stores/recipe';
import { useRunStore } from '../stores/run';
import { measureTestAfterRuns } from '../stores/testAfterRun';
import { App } from './App';
import { InsecurePage } from './InsecurePage';
import { rasterizeSvg } from '../components/rasterize-svg';
import { serveRasterizer } from '../stores/svgDrawing';
import './global.css';

serveRasterizer(rasterizeSvg);

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id "root".');
createRoot(root).render(<StrictMode>{isSecureContext ? <App /> : <InsecurePage />}</StrictMode>);

/** Reads what is stored: the recipe first, since it names the model to open. */
async function start(): Promise<void> {
  void useRunStore.getState().refresh();
  await useRecipeStore.getState().restore();
  // The machine is known before the model is open.
  const stop = useProjectStore.subscribe(({ capabilities }) => {
    const machine = machineOf(capabilities);
    if (machine === null) return;
    stop();
    useRecipeStore.getState().suit(machine);
  });
  await useProjectStore.getState().start();
}

// A short trial at the first run may settle what is computed with.
useRunStore.subscribe(({ active }, before) => {
  if (active?.phase === 'training' && before.active?.phase !== 'training') void useProjectStore.getState().probe();
});

// Another tab may have trained meanwhile, or begun to.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') void useRunStore.getState().refresh();
});

measureTestAfterRuns();

if (isSecureContext) void start();
