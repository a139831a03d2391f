import {
  columnsWithRole,
  columnWithRole,
  isFieldColumn,
  labelsOf,
  questionsOf,
  textsOf,
  valueIn,
} from '../../dataset/columns';
import { questionColumns, questionFields, type Question } from '../../dataset/questions';
import { pictureOf } from '../../dataset/sample';
import type { Column, Dataset, FieldValue, SampleRecord } from '../../dataset/types';
import { useDataStore } from '../../stores/data';
import { CaptionEditor } from './CaptionEditor';
import styles from './PictureFields.module.css';

/** What is stored of a picture besides its captions, in the columns that a task may take. */

interface FieldsProps {
  readonly image: SampleRecord;
}

/** What a picture is called: by its captions, else its labels or what is asked of it, else its file. */
export function titleOf(image: SampleRecord, dataset: Dataset | null): string {
  const [caption] = image.captions;
  if (caption !== undefined) return caption;
  const labels = dataset === null ? [] : labelsOf(dataset, image);
  if (labels.length > 0) return labels.join(', ');
  const [asked] = dataset === null ? [] : questionsOf(dataset, image);
  return asked?.question ?? pictureOf(image).path;
}

/** What is asked of a picture, and the answers that count as right, in a dataset that has columns for both. */
export function Questions({ image }: FieldsProps) {
  const dataset = useDataStore((state) => state.dataset);
  const columns = dataset === null ? null : questionColumns(dataset.columns);
  if (dataset === null || columns === null) return null;
  const questions = questionsOf(dataset, image);
  const save = (next: readonly Question[]) => {
    const fields = questionFields(columns, next);
    void useDataStore.getState().setFields(image.id, {
      [columns.question]: fields[columns.question] ?? null,
      [columns.answer]: fields[columns.answer] ?? null,
    });
  };
  return (
    <div className={styles['section']}>
      <h3>Questions and answers</h3>
      <ul className={styles['questions']}>
        {questions.map((asked, index) => (
          <li key={`${index} ${asked.question}`}>
            <CaptionEditor
              noun="question"
              captions={[asked.question]}
              onSave={(texts) =>
                save(questions.toSpliced(index, 1, ...texts.map((question) => ({ ...asked, question }))))
              }
            />
            <div className={styles['answers']}>
              <CaptionEditor
                key={asked.answers.join('\n')}
                noun="answer"
                captions={asked.answers}
                invitation="Write an answer"
                onSave={(answers) => save(questions.with(index, { ...asked, answers }))}
              />
            </div>
          </li>
        ))}
        <li>
          <CaptionEditor
            key={questions.length}
            noun="question"
            captions={[]}
            invitation="Ask a question"
            onSave={(texts) => save([...questions, ...texts.map((question) => ({ question, answers: [] }))])}
          />
        </li>
      </ul>
    </div>
  );
}

/** The label, the numbers and the groups of a picture; what else its files say is only shown. */
export function OtherColumns({ image }: FieldsProps) {
  const dataset = useDataStore((state) => state.dataset);
  if (dataset === null) return null;
  const label = columnWithRole(dataset, 'label');
  const edited = [
    ...(label === null ? [] : [label]),
    ...columnsWithRole(dataset, 'number'),
    ...columnsWithRole(dataset, 'group'),
  ];
  const shown = dataset.columns.filter(
    (column) => column.role === 'none' && isFieldColumn(column) && valueIn(image, column) !== null,
  );
  if (edited.length + shown.length === 0) return null;
  return (
    <dl className={styles['columns']}>
      {edited.map((column) => (
        <Row key={column.name} column={column}>
          <CaptionEditor
            noun={column.name}
            captions={textsOf(valueIn(image, column))}
            invitation={column.role === 'label' ? 'Give a label' : 'Fill in'}
            onSave={(texts) => void useDataStore.getState().setFields(image.id, { [column.name]: valueOf(texts) })}
          />
        </Row>
      ))}
      {shown.map((column) => (
        <Row key={column.name} column={column}>
          <span className={styles['value']}>
            {textsOf(valueIn(image, column))
              .filter((text) => text !== '')
              .join(' · ')}
          </span>
        </Row>
      ))}
    </dl>
  );
}

function Row({ column, children }: { readonly column: Column; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{column.name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function valueOf(texts: readonly string[]): FieldValue | null {
  return texts.length > 1 ? [...texts] : (texts[0] ?? null);
}
