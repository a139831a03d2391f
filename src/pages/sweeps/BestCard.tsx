import { useLocation } from 'wouter';
import { Button } from '../../components/Button';
import { Card } from '../../components/Card';
import { useToast } from '../../components/toastContext';
import { infoOf } from '../../recipe/describe';
import { useRunStore } from '../../stores/run';
import { takeRecipe } from '../../stores/takeRecipe';
import { bestTrial, trialRecipe } from '../../sweeps/course';
import { valueText } from '../../sweeps/fields';
import { measuredBy } from '../../sweeps/objective';
import type { Sweep } from '../../sweeps/types';
import { scoreText } from './words';
import styles from './SweepPage.module.css';

/** The best trial so far, and what one does with it. */
export function BestCard({ sweep }: { readonly sweep: Sweep }) {
  const [, navigate] = useLocation();
  const toast = useToast();
  const number = bestTrial(sweep);
  const best = number === null ? null : (sweep.trials[number] ?? null);
  const stored = useRunStore(({ runs }) => runs?.some(({ id }) => id === best?.runId) === true);
  const metric = measuredBy(sweep);
  if (number === null || best === null || metric === null) {
    return (
      <Card title="Best so far">
        <p className={styles['muted']}>Nothing yet: a trial has to be measured first.</p>
      </Card>
    );
  }
  const useRecipe = (): void => {
    const problems = takeRecipe(trialRecipe(sweep, best.values));
    toast({ text: [`The next run takes the recipe of trial ${number + 1}.`, ...problems].join(' ') });
    navigate('/recipe');
  };
  return (
    <Card
      title="Best so far"
      actions={
        <>
          {stored && (
            <Button size="s" onClick={() => navigate(`/runs/${best.runId}`)}>
              See its run
            </Button>
          )}
          <Button size="s" variant="primary" onClick={useRecipe}>
            Use this recipe
          </Button>
        </>
      }
    >
      <p className={styles['figure']}>
        {metric.inFull ?? metric.label} {scoreText(sweep, best)} <small>trial {number + 1}</small>
      </p>
      <dl className={styles['values']}>
        {sweep.fields.map(({ key }) => (
          <div key={key}>
            <dt>{infoOf(key, sweep.recipe).label}</dt>
            <dd>{best.values[key] === undefined ? '–' : valueText(key, best.values[key], sweep.recipe)}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
