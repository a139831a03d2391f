import { useCallback, useState } from 'react';
import { Field } from '../../components/Field';
import { percent } from '../../components/format';
import { TextLines } from '../../components/TextLines';
import type { Prediction } from '../../protocol/answers';
import { fieldOf } from '../../recipe/fields';
import { hasPlainHead } from '../../recipe/plain-head';
import type { Run } from '../../runs/types';
import { usePrediction } from '../../stores/playground';
import { numberText } from '../../tasks/regression/numbers';
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
import styles from './PredictByHead.module.css';

/** Classes shown with their probability. */
const shown = 10;

interface PredictByHeadProps {
  readonly run: Run;
  readonly sides: readonly Side[];
  readonly picture: ChosenPicture | null;
  readonly onPicture: (picture: ChosenPicture) => void;
}

/** What a trained head makes of a picture, of words, or of both, beside the base model, which is asked in words. */
export function PredictByHead({ run, sides, picture, onPicture }: PredictByHeadProps) {
  const input = fieldOf(run.recipe, 'input') ?? 'picture';
  // A picture of the dataset brings its words, until others are typed.
  const [typed, setTyped] = useState<{ readonly of: string | null; readonly words: string } | null>(null);
  const [label, setLabel] = useChosenWords(picture, null);
  // At step 0 nothing was trained that could answer.
  const answersByHead = ({ id }: Side): boolean => id === 'tuned' && run.weightsStep !== 0;
  const [template = '{}'] = (fieldOf(run.recipe, 'promptTemplate') ?? '{}').split('\n');
  const lookedAt = (side: Side, about: string): AskedSide => ({
    ...side,
    of: answersByHead(side) ? { kind: 'label', label: about } : { kind: 'words', text: fillTemplate(template, about) },
  });
  const of = picture?.key ?? null;
  const words = typed?.of === of ? typed.words : (picture?.captions[0] ?? '');
  const asked = {
    image: input === 'words' ? null : picture,
    words: input === 'picture' || words.trim() === '' ? null : words.trim(),
  };
  return (
    <div className={pageStyles['split']}>
      <div className={pageStyles['form']}>
        <PicturePicker picture={picture} onPicture={onPicture} />
        {input !== 'picture' && (
          <Field
            label="Words"
            help={
              input === 'both'
                ? 'Read together with the picture. Either may be missing.'
                : 'This run reads words alone; a picture brings its own.'
            }
          >
            {({ id, describedBy }) => (
              <TextLines
                id={id}
                aria-describedby={describedBy}
                value={words}
                onChange={(next) => setTyped({ of, words: next })}
              />
            )}
          </Field>
        )}
      </div>
      <div className={pageStyles['results']}>
        <div className={pageStyles['sides']}>
          {sides.map((side) => (
            <PredictSide
              key={side.id}
              side={
                answersByHead(side) || side.id === 'base'
                  ? side
                  : { ...side, weights: sides[0]?.weights ?? side.weights }
              }
              run={run}
              {...asked}
              chosen={label}
              onChoose={setLabel}
            />
          ))}
        </div>
        {picture !== null && hasPlainHead(run.recipe) && (
          <LooksAt
            picture={picture}
            what={label}
            sides={label === null ? [] : sides.map((side) => lookedAt(side, label))}
          />
        )}
      </div>
    </div>
  );
}

const hintOf: Readonly<Record<'picture' | 'words' | 'both', string>> = {
  picture: 'Choose a picture.',
  words: 'Type some words, or choose a picture for its own.',
  both: 'Choose a picture, or type some words.',
};

interface PredictSideProps {
  readonly side: Side;
  readonly run: Run;
  readonly image: ChosenPicture | null;
  readonly words: string | null;
  /** The class that is looked for. */
  readonly chosen: string | null;
  readonly onChoose: (label: string) => void;
}

function PredictSide({ side, run, image, words, chosen, onChoose }: PredictSideProps) {
  const answer = usePrediction((state) => state.answers[side.id]);
  const ask = usePrediction((state) => state.ask);
  const key = image === null && words === null ? null : JSON.stringify([side.key, run.id, image?.key ?? null, words]);
  const { id, weights } = side;
  const question = useCallback(() => {
    if (key !== null) ask(id, key, { weights, asked: run.id, image: image?.blob ?? null, words });
  }, [ask, id, key, weights, run.id, image, words]);
  useAsk(key === null ? null : question);
  const numbers = run.recipe.task.type === 'regression';
  return (
    <AnswerPanel
      side={side}
      answer={answer}
      asked={key}
      hint={hintOf[fieldOf(run.recipe, 'input') ?? 'picture']}
      measure={numbers ? 'number' : 'probability'}
    >
      {(prediction) => (
        <Predicted prediction={prediction} tuned={side.id === 'tuned'} chosen={chosen} onChoose={onChoose} />
      )}
    </AnswerPanel>
  );
}

interface PredictedProps extends Pick<PredictSideProps, 'chosen' | 'onChoose'> {
  readonly prediction: Prediction;
  readonly tuned: boolean;
}

function Predicted({ prediction: { classes, numbers }, tuned, chosen, onChoose }: PredictedProps) {
  const byThreshold = classes.some(({ threshold }) => threshold !== null);
  return (
    <>
      {classes.length > 0 && (
        <Bars
          tuned={tuned}
          chosen={chosen}
          onChoose={onChoose}
          bars={classes.slice(0, shown).map(({ label, probability, said, threshold }) => ({
            label,
            share: probability,
            value: threshold === null ? percent(probability) : `${said ? '✓ ' : ''}${percent(probability)}`,
            right: false,
          }))}
        />
      )}
      {byThreshold && (
        <p className={styles['hint']}>
          ✓: a label that is predicted, because its probability reaches the threshold that did best on the validation
          samples.
        </p>
      )}
      {numbers.length > 0 && (
        <dl className={styles['numbers']}>
          {numbers.map(({ name, value, error }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                {numberText(value)}
                {error !== null && <small> ± {numberText(error)}</small>}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {numbers.length > 0 && (
        <p className={styles['hint']}>
          {tuned
            ? '±: the standard error on the validation samples.'
            : 'The mean of the training samples, and their standard deviation: a base model knows no numbers.'}
        </p>
      )}
    </>
  );
}
