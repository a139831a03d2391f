import { useLocation } from 'wouter';
import { Button } from '../../components/Button';
import { Notice } from '../../components/Notice';
import { PageHeader } from '../../components/PageHeader';
import { useRecipeStore } from '../../stores/recipe';
import { takeFix } from '../../stores/setup';
import { ShareLinkButton } from '../runs/ShareLink';
import { TaskProposal } from '../data/TaskProposal';
import { useAdvice } from '../useAdvice';
import { Estimate } from './Estimate';
import { LayerTree } from './LayerTree';
import { OpenRecipe } from './OpenRecipe';
import { Presets } from './Presets';
import { RecipeForm, TaskCard } from './RecipeForm';
import { cx } from '../../components/cx';
import layout from '../layout.module.css';

/** What is trained and how: presets, layers, and every setting of the recipe. */
export default function RecipePage() {
  const [, navigate] = useLocation();
  const recipe = useRecipeStore((state) => state.recipe);
  const problems = useRecipeStore((state) => state.problems);
  const findings = useAdvice().filter(({ where }) => where === 'recipe');
  return (
    <>
      <PageHeader
        title="Recipe"
        summary="All that defines a run besides the pictures. A run keeps its own copy; what you change here is for the next one."
        actions={
          <>
            <OpenRecipe />
            <ShareLinkButton recipe={recipe} />
            <Button onClick={() => navigate('/runs/sweeps/new')}>Sweep</Button>
            <Button variant="primary" onClick={() => navigate('/train')}>
              Go to training
            </Button>
          </>
        }
      />
      <div className={cx(layout['sided'], layout['roomy'])}>
        <div className={layout['stack']}>
          {problems.map((problem) => (
            <Notice key={problem} tone="warn">
              {problem}
            </Notice>
          ))}
          <TaskProposal />
          <TaskCard />
          <Presets />
          {findings.map(({ id, message, severity, fixes = [] }) => (
            <Notice
              key={id}
              tone="warn"
              title={severity === 'blocker' ? 'Before you can train' : undefined}
              actions={
                fixes.length === 0
                  ? undefined
                  : fixes.map((fix) => (
                      <Button key={fix.label} size="s" onClick={() => takeFix(fix)}>
                        {fix.label}
                      </Button>
                    ))
              }
            >
              {message}
            </Notice>
          ))}
          <RecipeForm />
        </div>
        <div className={layout['stack']}>
          <Estimate />
          <LayerTree />
        </div>
      </div>
    </>
  );
}
