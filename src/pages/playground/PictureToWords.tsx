import { useCallback } from 'react';
import type { Dataset } from '../../dataset/types';
import { searchKey, useCaptionSearch } from '../../stores/playground';
import { useDataKey } from '../useDataKey';
import { AnswerPanel } from './AnswerPanel';
import { Bars } from './Bars';
import { LooksAt } from './LooksAt';
import type { ChosenPicture } from './picture';
import { PicturePicker } from './PicturePicker';
import type { Side } from './sides';
import { useAsk } from './useAsk';
import { useChosenWords } from './useChosenWords';
import pageStyles from './PlaygroundPage.module.css';

/** Captions found a question. */
const count = 10;

interface PictureToWordsProps {
  readonly dataset: Dataset;
  readonly sides: readonly Side[];
  readonly picture: ChosenPicture | null;
  readonly onPicture: (picture: ChosenPicture) => void;
}

/** A picture finds the captions of the dataset that fit it best. */
export function PictureToWords({ dataset, sides, picture, onPicture }: PictureToWordsProps) {
  const [words, setWords] = useChosenWords(picture);
  const of = { kind: 'words', text: words ?? '' } as const;
  return (
    <div className={pageStyles['split']}>
      <PicturePicker picture={picture} onPicture={onPicture} />
      <div className={pageStyles['results']}>
        <div className={pageStyles['sides']}>
          {sides.map((side) => (
            <CaptionSide
              key={side.id}
              side={side}
              datasetId={dataset.id}
              picture={picture}
              words={words}
              onWords={setWords}
            />
          ))}
        </div>
        {picture !== null && (
          <LooksAt
            picture={picture}
            what={words}
            sides={words === null ? [] : sides.map((side) => ({ ...side, of }))}
          />
        )}
      </div>
    </div>
  );
}

interface CaptionSideProps {
  readonly side: Side;
  readonly datasetId: string;
  readonly picture: ChosenPicture | null;
  /** What is looked for in the picture. */
  readonly words: string | null;
  readonly onWords: (words: string) => void;
}

function CaptionSide({ side, datasetId, picture, words, onWords }: CaptionSideProps) {
  const answer = useCaptionSearch((state) => state.answers[side.id]);
  const ask = useCaptionSearch((state) => state.ask);
  const data = useDataKey();
  const key = picture === null ? null : searchKey(side.key, data, picture.key);
  const { id, weights } = side;
  const question = useCallback(() => {
    if (key !== null && picture !== null) ask(id, key, { weights, datasetId, image: picture.blob, count });
  }, [ask, id, key, weights, datasetId, picture]);
  useAsk(key === null ? null : question);
  return (
    <AnswerPanel side={side} answer={answer} asked={key} hint="Choose a picture." measure="similarity">
      {(hits) => (
        <Bars
          tuned={side.id === 'tuned'}
          chosen={words}
          onChoose={onWords}
          bars={hits.map(({ caption, score }) => ({
            label: caption,
            // Similarities run from -1 to 1; below 0 there is nothing to show.
            share: Math.max(0, score),
            value: score.toFixed(2),
            right: picture?.captions.includes(caption) ?? false,
          }))}
        />
      )}
    </AnswerPanel>
  );
}
