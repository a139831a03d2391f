import { lazy, Suspense } from 'react';
import { Redirect, Route, Router, Switch, useLocation } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { focusMain } from '../components/focusMain';
import { ProgressBar } from '../components/Progress';
import { ToastProvider } from '../components/Toast';
import { TooltipProvider } from '../components/Tooltip';
import { ErrorBoundary } from './ErrorBoundary';
import { FilesOver } from './FilesOver';
import { LinkGate } from './LinkGate';
import * as pages from './pages';
import { Rail } from './Rail';
import { useRunStore } from '../stores/run';
import { useUnstored } from '../stores/unstored';
import { WorkerNotice } from './WorkerNotice';
import { usePageChange } from './usePageChange';
import styles from './App.module.css';

const WelcomeBack = lazy(() => import('./WelcomeBack'));
const StorageNotice = lazy(() => import('./StorageNotice'));

/** The studio: the rail at the left, a page beside it. Addresses live in the hash, so that the studio runs from any folder. */
export function App() {
  return (
    <Router hook={useHashLocation}>
      <TooltipProvider>
        <ToastProvider>
          <Studio />
        </ToastProvider>
      </TooltipProvider>
    </Router>
  );
}

function Studio() {
  const [location] = useLocation();
  const left = useRunStore(({ runs }) => runs?.[0]?.state === 'interrupted' || Boolean(runs?.[0]?.sweep));
  const unstored = useUnstored(({ held }) => held.size > 0);
  usePageChange();
  return (
    <div className={styles['studio']}>
      <a className={styles['skip']} href="#main" onClick={skipToMain}>
        Skip to the page
      </a>
      <Rail />
      <LinkGate />
      <main id="main" className={styles['main']} tabIndex={-1}>
        <WorkerNotice />
        {unstored && (
          <Suspense fallback={null}>
            <StorageNotice />
          </Suspense>
        )}
        {left && (
          <Suspense fallback={null}>
            <WelcomeBack />
          </Suspense>
        )}
        <ErrorBoundary resetKey={location}>
          <Suspense fallback={<ProgressBar label="Loading the page" fraction={null} />}>
            <Switch>
              <Route path="/data" component={pages.DataPage} />
              <Route path="/model" component={pages.ModelPage} />
              <Route path="/recipe" component={pages.RecipePage} />
              <Route path="/train" component={pages.TrainPage} />
              <Route path="/evaluate" component={pages.EvaluatePage} />
              <Route path="/playground" component={pages.PlaygroundPage} />
              <Route path="/export" component={pages.ExportPage} />
              <Route path="/runs/:id" component={pages.RunPage} />
              <Route path="/runs/*?" component={pages.HistoryPage} />
              {/* A recipe link: the page stays until the link is read. */}
              <Route path="/r/*" component={pages.RecipePage} />
              <Route>
                <Redirect to="/data" replace />
              </Route>
            </Switch>
          </Suspense>
        </ErrorBoundary>
      </main>
      <FilesOver />
    </div>
  );
}

/** The hash is the address of a page, so the link moves the focus by hand. */
function skipToMain(event: React.MouseEvent): void {
  event.preventDefault();
  document.getElementById('main')?.scrollIntoView();
  focusMain();
}
