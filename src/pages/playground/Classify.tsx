import { useCallback, useMemo, useState } from 'react';
import { Field } from '../../components/Field';
import { TextField } from '../../components/TextField';
import { percent } from '../../components/format';
import { useClassification } from '../../stores/playground';
import { captionKey } from '../../dataset/caption-groups';
import { useDataStore } from '../../stores/data';
import { bareLabel, sentenceOf } from '../../training/label-template';
import { AnswerPanel } from './AnswerPanel';
import { Bars } from './Bars';
import { labellingOf, parseLabels, templateProblem } from './labels';
import { LooksAt } from './LooksAt';
import type { ChosenPicture } from './picture';
import { PicturePicker } from './PicturePicker';
import type { Side } from './sides';
import { useAsk } from './useAsk';
import { useChosenWords } from './useChosenWords';
import pageStyles from './PlaygroundPage.module.css';
import styles from './Classify.module.css';

/** Labels shown with their probability. */
const shown = 10;

interface ClassifyProps {
  readonly sides: readonly Side[];
  readonly picture: ChosenPicture | null;
  readonly onPicture: (picture: ChosenPicture) => void;
}

/** Zero-shot classification: which of the typed labels fits a picture. */
export function Classify({ sides, picture, onPicture }: ClassifyProps) {
  const images = useDataStore((state) => state.images);
  const [start] = useState(() => labellingOf(images.flatMap(({ captions: [caption] }) => caption ?? [])));
  const [text, setText] = useState(start.labels.join('\n'));
  const [template, setTemplate] = useState(start.template);
  const captionKeys = useMemo(() => new Set(images.flatMap(({ captions }) => captions.map(captionKey))), [images]);
  const labels = useMemo(() => {
    const isCaption = (sentence: string): boolean => captionKeys.has(captionKey(sentence));
    return new Map(
      parseLabels(text).map((label) => [sentenceOf(template, label, isCaption), bareLabel(template, label)]),
    );
  }, [text, template, captionKeys]);
  const problem = templateProblem(template);
  const ready = picture !== null && labels.size > 0 && problem === null;
  const [label, setLabel] = useChosenWords(picture, null);
  const sentence = [...labels].find(([, bare]) => bare === label)?.[0] ?? null;
  const of = { kind: 'words', text: sentence ?? '' } as const;
  return (
    <div className={pageStyles['split']}>
      <div className={pageStyles['form']}>
        <PicturePicker picture={picture} onPicture={onPicture} />
        <Field
          label="Labels"
          help="Bare words, one a line or separated by commas. The template makes sentences of them."
        >
          {({ id, describedBy }) => (
            <textarea
              id={id}
              aria-describedby={describedBy}
              className={styles['labels']}
              rows={6}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        <Field
          label="Template"
          help="The sentence that each label is put into. Models know sentences better than bare words."
          error={problem}
        >
          {({ id, describedBy, invalid }) => (
            <TextField
              id={id}
              aria-describedby={describedBy}
              aria-invalid={invalid}
              value={template}
              onChange={setTemplate}
            />
          )}
        </Field>
      </div>
      <div className={pageStyles['results']}>
        <div className={pageStyles['sides']}>
          {sides.map((side) => (
            <ClassifySide
              key={side.id}
              side={side}
              picture={ready ? picture : null}
              labels={labels}
              chosen={label}
              onChoose={setLabel}
            />
          ))}
        </div>
        {ready && picture !== null && (
          <LooksAt
            picture={picture}
            what={sentence}
            sides={sentence === null ? [] : sides.map((side) => ({ ...side, of }))}
          />
        )}
      </div>
    </div>
  );
}

interface ClassifySideProps {
  readonly side: Side;
  /** Null while there is nothing to ask. */
  readonly picture: ChosenPicture | null;
  /** By the sentence that each is asked in. */
  readonly labels: ReadonlyMap<string, string>;
  /** The label that is looked for. */
  readonly chosen: string | null;
  readonly onChoose: (label: string) => void;
}

function ClassifySide({ side, picture, labels, chosen, onChoose }: ClassifySideProps) {
  const sentences = useMemo(() => [...labels.keys()], [labels]);
  const answer = useClassification((state) => state.answers[side.id]);
  const ask = useClassification((state) => state.ask);
  const key = picture === null ? null : JSON.stringify([side.key, picture.key, sentences]);
  const { id, weights } = side;
  const question = useCallback(() => {
    if (key !== null && picture !== null)
      ask(id, key, { weights, image: picture.blob, labels: sentences, template: '{label}' });
  }, [ask, id, key, weights, picture, sentences]);
  useAsk(key === null ? null : question);
  return (
    <AnswerPanel side={side} answer={answer} asked={key} hint="Choose a picture and type labels." measure="probability">
      {(results) => (
        <Bars
          tuned={side.id === 'tuned'}
          chosen={chosen}
          onChoose={onChoose}
          bars={[...results]
            .sort((a, b) => b.probability - a.probability)
            .slice(0, shown)
            .map(({ label: sentence, probability }) => ({
              label: labels.get(sentence) ?? sentence,
              share: probability,
              value: percent(probability),
              right: isOwn(picture, sentence, labels.get(sentence)),
            }))}
        />
      )}
    </AnswerPanel>
  );
}

/** Whether a picture carries a label as its caption, in a sentence or bare, alone or before its tags. */
function isOwn(picture: ChosenPicture | null, sentence: string, label = sentence): boolean {
  const asked = [captionKey(sentence), captionKey(label)];
  return (picture?.captions ?? []).some((caption) =>
    [caption, ...parseLabels(caption).slice(0, 1)].some((own) => asked.includes(captionKey(own))),
  );
}
