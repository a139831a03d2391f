import { Shapes } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { Button } from '../../components/Button';
import { EmptyState } from '../../components/EmptyState';
import { PageHeader } from '../../components/PageHeader';
import { Segmented } from '../../components/Segmented';
import { Toolbar } from '../../components/Toolbar';
import { useDataStore } from '../../stores/data';
import { useRecipeStore } from '../../stores/recipe';
import { useChosenRun, WeightsSelect } from '../runs/WeightsSelect';
import { Classify } from './Classify';
import { PredictByHead } from './PredictByHead';
import { PictureToWords } from './PictureToWords';
import type { ChosenPicture } from './picture';
import { sidesOf } from './sides';
import { WordsToPictures } from './WordsToPictures';

/**
 * The Playground. The query and the chosen picture belong to the page, so they stay when another way of asking is chosen; base and tuned are
 * always asked the same.
 */

type Mode = 'words' | 'picture' | 'classify';
const modes: readonly { readonly value: Mode; readonly label: string }[] = [
  { value: 'words', label: 'Words → pictures' },
  { value: 'picture', label: 'Picture → words' },
  { value: 'classify', label: 'Classify' },
];

/** Trying models by hand: base and tuned side by side. */
export default function PlaygroundPage() {
  const [, navigate] = useLocation();
  const [mode, setMode] = useState<Mode>('words');
  const [query, setQuery] = useState('');
  const [picture, setPicture] = useState<ChosenPicture | null>(null);
  const loaded = useDataStore((state) => state.loaded);
  const dataset = useDataStore((state) => state.dataset);
  const model = useRecipeStore((state) => state.recipe.model);
  const run = useChosenRun();
  const sides = useMemo(() => sidesOf(run, model), [run, model]);
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
        <Segmented label="What to try" value={mode} options={modes} onChange={setMode} />
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
    </>
  );
}
