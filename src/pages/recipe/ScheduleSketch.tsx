import { useMemo } from 'react';
import { count } from '../../components/format';
import { rateText } from '../../recipe/changes';
import { infoOf, optionLabel, showValue } from '../../recipe/describe';
import { useRecipeStore } from '../../stores/recipe';
import { plannedCourse } from '../../training/session/course';
import { scheduleOf } from '../../training/session/schedule';
import { useRunPlan } from './usePlan';
import styles from './ScheduleSketch.module.css';

const width = 600;
const height = 64;
/** Points of the drawn line at most. */
const points = 400;
/** Steps to draw for while the length of the run is unknown. */
const someSteps = 300;

/** The learning rate over the run with what the recipe changes of it, drawn from the very formula that training uses. */
export function ScheduleSketch() {
  const recipe = useRecipeStore((state) => state.recipe);
  const steps = useRunPlan()?.totalSteps ?? null;
  const planned = steps ?? someSteps;
  const course = useMemo(() => plannedCourse(recipe, planned), [recipe, planned]);
  const total = course.totalSteps;
  const { path, highest } = useMemo(() => {
    const last = Math.max(1, total - 1);
    const stride = Math.max(1, last / points);
    const drawn = Array.from({ length: Math.floor(last / stride) + 1 }, (_, index) => Math.round(index * stride));
    const rates = drawn.map((index) => course.rateAt(1 + index));
    const highest = Math.max(...rates, Number.MIN_VALUE);
    const corners = drawn.map((index, place) => {
      const rate = (rates[place] ?? 0) / highest;
      const [x, y] = [(index / last) * width, height - rate * (height - 4)];
      return `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
    });
    return { path: corners.join(''), highest };
  }, [course, total]);
  // A change on the way may come before the recipe's own rate is reached, or go beyond it.
  const peak = recipe.changes.length === 0 ? showValue('learningRate', recipe) : rateText(highest);
  const warmup = scheduleOf(recipe, planned).warmupSteps;
  return (
    <figure className={styles['sketch']}>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Learning rate: rises to ${peak} over ${count(warmup)} steps, then ${optionLabel('schedule', recipe.schedule).toLowerCase()}`}
      >
        <path className={styles['area']} d={`${path}L${width} ${height}L0 ${height}Z`} />
        <path className={styles['line']} d={path} />
      </svg>
      <figcaption>
        <span>step 1</span>
        <span>
          {infoOf('learningRate').label.toLowerCase()}, up to {peak}
        </span>
        <span>{steps === null ? 'the end' : count(total)}</span>
      </figcaption>
    </figure>
  );
}
