import { lazy } from 'react';
import { Route, Switch } from 'wouter';
import { RunsPage } from './RunsPage';

const ComparePage = lazy(() => import('./compare/ComparePage'));

/** All that is about several runs: their table, and some of them beside each other. */
export default function HistoryPage() {
  return (
    <Switch>
      <Route path="/runs/compare/:ids" component={ComparePage} />
      <Route component={RunsPage} />
    </Switch>
  );
}
