import { Route, Switch } from 'wouter';
import { NewSweepPage } from './NewSweepPage';
import { SweepPage } from './SweepPage';

/** All that is about sweeps, loaded with the first of its pages. */
export default function SweepsPage() {
  return (
    <Switch>
      <Route path="/runs/sweeps/new" component={NewSweepPage} />
      <Route path="/runs/sweeps/:id" component={SweepPage} />
    </Switch>
  );
}
