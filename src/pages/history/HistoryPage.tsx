import { lazy } from 'react';
import { Route, Switch } from 'wouter';
import { RunsPage } from './RunsPage';

const ComparePage = lazy(() => import('./compare/ComparePage'));
const SweepsPage = lazy(() => import('../sweeps/SweepsPage'));

/** All that is about several runs: their table, some of them beside each other, and those of a sweep. */
export default function HistoryPage() {
  return (
    <Switch>
      <Route path="/runs/compare/:ids" component={ComparePage} />
      <Route path="/runs/sweeps/:id" component={SweepsPage} />
      <Route component={RunsPage} />
    </Switch>
  );
}
