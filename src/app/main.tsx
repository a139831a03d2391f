import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { useDataStore } from '../stores/data';
import { useMachineStore } from '../stores/machine';
import { useModelStore } from '../stores/model';
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
  const stop = useMachineStore.subscribe(({ capabilities }) => {
    const machine = machineOf(capabilities);
    if (machine === null) return;
    stop();
    useRecipeStore.getState().suit(machine);
  });
  await Promise.all([useDataStore.getState().start(), useModelStore.getState().start()]);
  await useMachineStore.getState().start();
  await useModelStore.getState().openFirst(useRecipeStore.getState().recipe.model);
}

// A short trial at the first run may settle what is computed with.
useRunStore.subscribe(({ active }, before) => {
  if (active?.phase === 'training' && before.active?.phase !== 'training') void useMachineStore.getState().probe();
});

// Another tab may have trained meanwhile, or begun to.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') void useRunStore.getState().refresh();
});

measureTestAfterRuns();

// A server on this machine that sends all headers, as `npm start` does, has nothing that a service worker would add.
const ownServer = crossOriginIsolated && /^(localhost|127\.|\[::1\])/.test(location.hostname);
if (import.meta.env.PROD && 'serviceWorker' in navigator && !ownServer) {
  void import('../offline/register').then(({ keepForOffline }) => keepForOffline()).catch(() => undefined);
}

if (isSecureContext) void start();
