import { useCallback } from 'react';
import { cx } from '../../components/cx';
import type { Dataset } from '../../dataset/types';
import { searchKey, useCaptionSearch } from '../../stores/playground';
import { useDataKey } from '../useDataKey';
import { AnswerPanel } from './AnswerPanel';
import { Bars } from './Bars';
import type { ChosenPicture } from './picture';
import { PicturePicker } from './PicturePicker';
import type { Side } from './sides';
import { useAsk } from './useAsk';
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
  return (
    <div className={pageStyles['split']}>
      <PicturePicker picture={picture} onPicture={onPicture} />
      <div className={cx(pageStyles['sides'])}>
        {sides.map((side) => (
          <CaptionSide key={side.id} side={side} datasetId={dataset.id} picture={picture} />
        ))}
      </div>
    </div>
  );
}

interface CaptionSideProps {
  readonly side: Side;
  readonly datasetId: string;
  readonly picture: ChosenPicture | null;
}

function CaptionSide({ side, datasetId, picture }: CaptionSideProps) {
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
