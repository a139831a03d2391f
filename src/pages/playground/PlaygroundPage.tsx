import { Shapes } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { Button } from '../../components/Button';
import { EmptyState } from '../../components/EmptyState';
import { PageHeader } from '../../components/PageHeader';
import { Segmented } from '../../components/Segmented';
import { Toolbar } from '../../components/Toolbar';
import type { TaskKind } from '../../model/families/family';
import type { ModelSummary } from '../../protocol/models';
import type { Run } from '../../runs/types';
import { useDataStore } from '../../stores/data';
import { useModelStore } from '../../stores/model';
import { useRecipeStore } from '../../stores/recipe';
import { taskOf } from '../../tasks';
import { useChosenRun, WeightsSelect } from '../runs/WeightsSelect';
import { Classify } from './Classify';
import { PredictByHead } from './PredictByHead';
import { PictureToWords } from './PictureToWords';
import type { ChosenPicture } from './picture';
import { sidesOf } from './sides';
import { usePlaygroundWords } from './playgroundWords';
import { WordsToPictures } from './WordsToPictures';
import { Write } from './Write';

/**
 * The Playground. The chosen picture belongs to the page, so it stays when another way of asking is chosen, and the words stay as long as the studio is
 * open; base and tuned are always asked the same.
 */

type Mode = 'words' | 'picture' | 'classify' | 'caption' | 'ask';

/** Each with what a model must be able to do for it. */
const modes: readonly { readonly value: Mode; readonly label: string; readonly needs: TaskKind }[] = [
  { value: 'words', label: 'Words → pictures', needs: 'contrastive' },
  { value: 'picture', label: 'Picture → words', needs: 'contrastive' },
  { value: 'classify', label: 'Classify', needs: 'classification' },
  { value: 'caption', label: 'Caption a picture', needs: 'captioning' },
  { value: 'ask', label: 'Ask a picture', needs: 'answering' },
];

/** What a head that gives numbers is asked in the place of classes. */
const rate = { value: 'classify', label: 'Predict numbers', needs: 'classification' } as const;

/** Trying models by hand: base and tuned side by side. */
export default function PlaygroundPage() {
  const [, navigate] = useLocation();
  const [wanted, setMode] = useState<Mode | null>(null);
  const { query, question, setQuery, setQuestion } = usePlaygroundWords();
  const [picture, setPicture] = useState<ChosenPicture | null>(null);
  const loaded = useDataStore((state) => state.loaded);
  const dataset = useDataStore((state) => state.dataset);
  const model = useRecipeStore((state) => state.recipe.model);
  const run = useChosenRun();
  const sides = useMemo(() => sidesOf(run, model), [run, model]);
  const opened = useModelStore((state) => state.model);
  const able = abilities(run, opened?.id === (run?.recipe.model ?? model) ? opened : null);
  const offered = modes
    .filter(({ needs }) => able.includes(needs))
    .map((each) => (each.value === 'classify' && run?.recipe.task.type === 'regression' ? rate : each));
  // What a run was trained for comes first, where nobody has chosen.
  const usual = run === null ? undefined : offered.find(({ needs }) => needs === taskOf(run.recipe).needs);
  const mode = offered.find(({ value }) => value === wanted)?.value ?? (usual ?? offered[0])?.value ?? 'words';
  if (dataset === null) {
    return (
      <>
        <PageHeader title="Playground" />
        {loaded && (
          <EmptyState
            icon={<Shapes />}
            title="There are no pictures to search"
            actions={
              <Button variant="primary" onClick={() => navigate('/data')}>
                Add pictures
              </Button>
            }
          >
            Here one types words and gets pictures, or shows a picture and gets words.
          </EmptyState>
        )}
      </>
    );
  }
  const openPicture = (chosen: ChosenPicture): void => {
    setPicture(chosen);
    if (mode === 'words') setMode('picture');
  };
  return (
    <>
      <PageHeader
        title="Playground"
        summary={
          run === null ? (
            <>The base model on {dataset.name}. After a run, its model answers beside it.</>
          ) : (
            <>
              The base model beside {run.name}, on {dataset.name}.
            </>
          )
        }
      />
      <Toolbar>
        <Segmented label="What to try" value={mode} options={offered} onChange={setMode} />
        <WeightsSelect />
      </Toolbar>
      {mode === 'words' && (
        <WordsToPictures dataset={dataset} sides={sides} query={query} onQuery={setQuery} onPicture={openPicture} />
      )}
      {mode === 'picture' && (
        <PictureToWords dataset={dataset} sides={sides} picture={picture} onPicture={openPicture} />
      )}
      {mode === 'classify' &&
        (run === null || run.labels === null ? (
          <Classify sides={sides} picture={picture} onPicture={openPicture} />
        ) : (
          <PredictByHead run={run} sides={sides} picture={picture} onPicture={openPicture} />
        ))}
      {(mode === 'caption' || mode === 'ask') && (
        <Write
          asks={mode === 'ask'}
          run={run}
          sides={sides}
          picture={picture}
          onPicture={openPicture}
          question={question}
          onQuestion={setQuestion}
        />
      )}
    </>
  );
}

/** What can be tried with some weights. @param model of the weights, where it is open */
function abilities(run: Run | null, model: Pick<ModelSummary, 'tasks'> | null): readonly TaskKind[] {
  if (model !== null) return model.tasks;
  switch (run?.recipe.task.type) {
    case 'captioning':
      return ['captioning'];
    case 'answering':
      return ['captioning', 'answering'];
    default:
      return ['contrastive', 'classification'];
  }
}
