import { useCallback, useMemo, useState } from 'react';
import { Field } from '../../components/Field';
import { TextField } from '../../components/TextField';
import { percent } from '../../components/format';
import { useClassification } from '../../stores/playground';
import { useProjectStore } from '../../stores/project';
import { AnswerPanel } from './AnswerPanel';
import { Bars } from './Bars';
import { parseLabels, templateProblem } from './labels';
import type { ChosenPicture } from './picture';
import { PicturePicker } from './PicturePicker';
import { sampleEvenly } from './sampleEvenly';
import type { Side } from './sides';
import { useAsk } from './useAsk';
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
  const images = useProjectStore((state) => state.images);
  const [text, setText] = useState(() =>
    // Up to the first comma: behind it stand tags, and commas part labels.
    sampleEvenly(
      [...new Set(images.flatMap(({ captions: [caption = ''] }) => parseLabels(caption).slice(0, 1)))],
      5,
    ).join('\n'),
  );
  const [template, setTemplate] = useState('a photo of a {label}');
  const labels = useMemo(() => parseLabels(text), [text]);
  const problem = templateProblem(template);
  const ready = picture !== null && labels.length > 0 && problem === null;
  return (
    <div className={pageStyles['split']}>
      <div className={pageStyles['form']}>
        <PicturePicker picture={picture} onPicture={onPicture} />
        <Field label="Labels" help="One a line, or separated by commas.">
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
      <div className={pageStyles['sides']}>
        {sides.map((side) => (
          <ClassifySide
            key={side.id}
            side={side}
            picture={ready ? picture : null}
            labels={labels}
            template={template}
          />
        ))}
      </div>
    </div>
  );
}

interface ClassifySideProps {
  readonly side: Side;
  /** Null while there is nothing to ask. */
  readonly picture: ChosenPicture | null;
  readonly labels: readonly string[];
  readonly template: string;
}

function ClassifySide({ side, picture, labels, template }: ClassifySideProps) {
  const answer = useClassification((state) => state.answers[side.id]);
  const ask = useClassification((state) => state.ask);
  const key = picture === null ? null : JSON.stringify([side.key, picture.key, template, labels]);
  const { id, weights } = side;
  const question = useCallback(() => {
    if (key !== null && picture !== null) ask(id, key, { weights, image: picture.blob, labels, template });
  }, [ask, id, key, weights, picture, labels, template]);
  useAsk(key === null ? null : question);
  return (
    <AnswerPanel side={side} answer={answer} asked={key} hint="Choose a picture and type labels." measure="probability">
      {(results) => (
        <Bars
          tuned={side.id === 'tuned'}
          bars={[...results]
            .sort((a, b) => b.probability - a.probability)
            .slice(0, shown)
            .map(({ label, probability }) => ({
              label,
              share: probability,
              value: percent(probability),
              right: picture?.captions.includes(label) ?? false,
            }))}
        />
      )}
    </AnswerPanel>
  );
}
