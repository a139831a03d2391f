import { useCallback } from 'react';
import { percent } from '../../components/format';
import { fieldOf } from '../../recipe/fields';
import type { Run } from '../../runs/types';
import { useClassification } from '../../stores/playground';
import { fillTemplate } from '../../training/label-template';
import type { AskedSide } from '../seeing/AttentionPair';
import { AnswerPanel } from './AnswerPanel';
import { Bars } from './Bars';
import { LooksAt } from './LooksAt';
import type { ChosenPicture } from './picture';
import { PicturePicker } from './PicturePicker';
import type { Side } from './sides';
import { useAsk } from './useAsk';
import { useChosenWords } from './useChosenWords';
import pageStyles from './PlaygroundPage.module.css';

/** Classes shown with their probability. */
const shown = 10;

interface ClassifyByHeadProps {
  readonly run: Run;
  /** The classes that its head tells apart. */
  readonly labels: readonly string[];
  readonly sides: readonly Side[];
  readonly picture: ChosenPicture | null;
  readonly onPicture: (picture: ChosenPicture) => void;
}

/** What a trained head takes a picture for, beside the base model, which is asked in words. */
export function ClassifyByHead({ run, labels, sides, picture, onPicture }: ClassifyByHeadProps) {
  const template = fieldOf(run.recipe, 'promptTemplate') ?? '{}';
  const [label, setLabel] = useChosenWords(picture, null);
  // At step 0 nothing was trained that could answer.
  const answersByHead = ({ id }: Side): boolean => id === 'tuned' && run.weightsStep !== 0;
  const asked = (side: Side, about: string): AskedSide => ({
    ...side,
    of: answersByHead(side) ? { kind: 'label', label: about } : { kind: 'words', text: fillTemplate(template, about) },
  });
  return (
    <div className={pageStyles['split']}>
      <div className={pageStyles['form']}>
        <PicturePicker picture={picture} onPicture={onPicture} />
      </div>
      <div className={pageStyles['results']}>
        <div className={pageStyles['sides']}>
          {sides.map((side) => (
            <HeadSide
              key={side.id}
              side={side}
              picture={picture}
              labels={answersByHead(side) ? null : labels}
              template={template}
              chosen={label}
              onChoose={setLabel}
            />
          ))}
        </div>
        {picture !== null && (
          <LooksAt
            picture={picture}
            what={label}
            sides={label === null ? [] : sides.map((side) => asked(side, label))}
          />
        )}
      </div>
    </div>
  );
}

interface HeadSideProps {
  readonly side: Side;
  readonly picture: ChosenPicture | null;
  /** What is asked in words; null where the head answers. */
  readonly labels: readonly string[] | null;
  readonly template: string;
  /** The class that is looked for. */
  readonly chosen: string | null;
  readonly onChoose: (label: string) => void;
}

function HeadSide({ side, picture, labels, template, chosen, onChoose }: HeadSideProps) {
  const answer = useClassification((state) => state.answers[side.id]);
  const ask = useClassification((state) => state.ask);
  const key = picture === null ? null : JSON.stringify([side.key, picture.key, labels, template]);
  const { id, weights } = side;
  const question = useCallback(() => {
    if (key !== null && picture !== null) ask(id, key, { weights, image: picture.blob, labels, template });
  }, [ask, id, key, weights, picture, labels, template]);
  useAsk(key === null ? null : question);
  return (
    <AnswerPanel side={side} answer={answer} asked={key} hint="Choose a picture." measure="probability">
      {(results) => (
        <Bars
          tuned={side.id === 'tuned'}
          chosen={chosen}
          onChoose={onChoose}
          bars={[...results]
            .sort((a, b) => b.probability - a.probability)
            .slice(0, shown)
            .map(({ label, probability }) => ({
              label,
              share: probability,
              value: percent(probability),
              right: false,
            }))}
        />
      )}
    </AnswerPanel>
  );
}
