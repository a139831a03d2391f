import { useCallback, useMemo, useState } from 'react';
import { cx } from '../../components/cx';
import { Field } from '../../components/Field';
import { TextField } from '../../components/TextField';
import { percent } from '../../components/format';
import type { Written } from '../../protocol/answers';
import type { Decoding } from '../../recipe/decoding';
import { fieldOf } from '../../recipe/fields';
import type { Recipe } from '../../recipe/schema';
import type { Run } from '../../runs/types';
import { questionsOf } from '../../dataset/columns';
import { useWriting } from '../../stores/playground';
import { useDataStore } from '../../stores/data';
import { useRecipeStore } from '../../stores/recipe';
import { AnswerPanel } from './AnswerPanel';
import { DecodingFields, usualDecoding } from './DecodingFields';
import type { AskedSide } from '../seeing/AttentionPair';
import { LooksAt } from './LooksAt';
import type { ChosenPicture } from './picture';
import { PicturePicker } from './PicturePicker';
import { sampleEvenly } from './sampleEvenly';
import type { Side } from './sides';
import { useAsk } from './useAsk';
import pageStyles from './PlaygroundPage.module.css';
import styles from './Write.module.css';

/** Questions offered to try. */
const suggestions = 5;

interface WriteProps {
  /** Whether a question is asked; else a caption is written. */
  readonly asks: boolean;
  /** Null where the base model stands alone. */
  readonly run: Run | null;
  readonly sides: readonly Side[];
  readonly picture: ChosenPicture | null;
  readonly onPicture: (picture: ChosenPicture) => void;
  readonly question: string;
  readonly onQuestion: (question: string) => void;
}

/** A caption for a picture, or the answer to a question about it, in the words of base and tuned model. */
export function Write({ asks, run, sides, picture, onPicture, question, onQuestion }: WriteProps) {
  const recipe = useRecipeStore((state) => run?.recipe ?? state.recipe);
  const [decoding, setDecoding] = useState<Decoding>(usualDecoding);
  const examples = useQuestions(asks, picture);
  return (
    <div className={pageStyles['split']}>
      <div className={pageStyles['form']}>
        <PicturePicker picture={picture} onPicture={onPicture} />
        {asks && (
          <Field label="Question" help="Short questions like those that the model was trained on are understood best.">
            {({ id, describedBy }) => (
              <>
                <TextField
                  id={id}
                  aria-describedby={describedBy}
                  placeholder="What colour is it?"
                  value={question}
                  onChange={onQuestion}
                />
                {examples.length > 0 && (
                  <div className={styles['examples']}>
                    {examples.map((example) => (
                      <button
                        key={example}
                        type="button"
                        className={styles['example']}
                        onClick={() => onQuestion(example)}
                      >
                        {example}
                      </button>
                    ))}
                  </div>
                )}
              </>
            )}
          </Field>
        )}
        <DecodingFields decoding={decoding} onChange={setDecoding} />
      </div>
      <div className={pageStyles['results']}>
        <div className={pageStyles['sides']}>
          {sides.map((side) => (
            <WriteSide
              key={side.id}
              side={side}
              recipe={recipe}
              picture={picture}
              question={asks ? question.trim() : null}
              decoding={decoding}
            />
          ))}
        </div>
        {picture !== null && <WordsLookAt picture={picture} sides={sides} question={asks ? question.trim() : null} />}
      </div>
    </div>
  );
}

interface WordsLookAtProps {
  readonly picture: ChosenPicture;
  readonly sides: readonly Side[];
  /** Null for captions. */
  readonly question: string | null;
}

/** Where the words that the models have written look in the picture, once there are some of all of them. */
function WordsLookAt({ picture, sides, question }: WordsLookAtProps) {
  const answers = useWriting((state) => state.answers);
  const written = sides.flatMap((side): readonly AskedSide[] => {
    const answer = answers[askerOf(side, question)];
    const text = answer?.task === null && answer.answered === answer.asked ? (answer.result?.text ?? '') : '';
    return text === '' ? [] : [{ ...side, of: { kind: 'written', text, question } }];
  });
  const all = written.length === sides.length;
  return all ? <LooksAt picture={picture} what={null} sides={written} /> : null;
}

function askerOf({ id }: Side, question: string | null): string {
  return `${id} ${question === null ? 'caption' : 'answer'}`;
}

interface WriteSideProps {
  readonly side: Side;
  /** Says what texts begin with. */
  readonly recipe: Recipe;
  readonly picture: ChosenPicture | null;
  /** Null for a caption. */
  readonly question: string | null;
  readonly decoding: Decoding;
}

function WriteSide({ side, recipe, picture, question, decoding }: WriteSideProps) {
  const asker = askerOf(side, question);
  const answer = useWriting((state) => state.answers[asker]);
  const ask = useWriting((state) => state.ask);
  const prompt = question === null ? (fieldOf(recipe, 'captionPrompt') ?? '') : '';
  const labels = fieldOf(recipe, 'labelConvention') ?? 'lavis';
  const ready = picture !== null && question !== '';
  const key = ready ? JSON.stringify([side.key, picture.key, question, prompt, labels, decoding]) : null;
  const { weights } = side;
  const request = useCallback(() => {
    if (key !== null && picture !== null) {
      ask(asker, key, { weights, image: picture.blob, question, prompt, labels, decoding });
    }
  }, [ask, asker, key, weights, picture, question, prompt, labels, decoding]);
  useAsk(key === null ? null : request);
  return (
    <AnswerPanel
      side={side}
      answer={answer}
      asked={key}
      hint={question === null ? 'Choose a picture.' : 'Choose a picture and type a question.'}
      measure=""
      soFar={(words) => <p className={styles['text']}>{words}</p>}
    >
      {(written) => (
        <WrittenText
          written={written}
          right={question === null && isOwn(picture, written.text)}
          own={side.id === 'tuned' && question === null ? (picture?.captions ?? []) : []}
        />
      )}
    </AnswerPanel>
  );
}

interface WrittenTextProps {
  readonly written: Written;
  readonly right: boolean;
  /** The picture's own captions, to compare with. */
  readonly own: readonly string[];
}

function WrittenText({ written: { text, tokens, ended }, right, own }: WrittenTextProps) {
  return (
    <>
      <p className={cx(styles['text'], right && styles['right'])}>
        {tokens.length === 0 ? <i>(nothing)</i> : text}
        {!ended && tokens.length > 0 && '…'}
      </p>
      <ol className={styles['tokens']} aria-label="How probable each piece was">
        {tokens.map((token, place) => (
          // Pieces come again; their places do not.
          <li key={place} title={`${token.text.trim()}: ${percent(token.probability)}`}>
            <span>{token.text.trim()}</span>
            <small>{percent(token.probability, 0)}</small>
          </li>
        ))}
      </ol>
      {own.length > 0 && (
        <p className={styles['own']}>
          Its own: {own.slice(0, 3).join(' / ')}
          {own.length > 3 && ' / …'}
        </p>
      )}
    </>
  );
}

function isOwn(picture: ChosenPicture | null, text: string): boolean {
  return picture?.captions.some((caption) => caption.toLowerCase() === text.toLowerCase()) ?? false;
}

/** Questions to try: those of the picture, or some of the dataset. */
function useQuestions(asks: boolean, picture: ChosenPicture | null): readonly string[] {
  const dataset = useDataStore((state) => state.dataset);
  const images = useDataStore((state) => state.images);
  return useMemo(() => {
    if (!asks || dataset === null) return [];
    const own = images.filter(({ id }) => id === picture?.key);
    const asked = (own.length > 0 ? own : images).flatMap((image) =>
      questionsOf(dataset, image).map((each) => each.question),
    );
    return sampleEvenly([...new Set(asked)], suggestions);
  }, [asks, dataset, images, picture]);
}
