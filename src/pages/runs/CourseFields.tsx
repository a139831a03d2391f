import { Field } from '../../components/Field';
import { NumberField } from '../../components/NumberField';
import layout from '../layout.module.css';

/** Rate and length of a run. */
export interface CourseChoice {
  readonly learningRate: number;
  readonly totalSteps: number;
}

interface CourseFieldsProps {
  readonly course: CourseChoice;
  /** Steps that the run has at least. */
  readonly least: number;
  readonly onChange: (course: CourseChoice) => void;
}

const mostSteps = 1_000_000;

/** What can be changed of a run after it has begun. */
export function CourseFields({ course, least, onChange }: CourseFieldsProps) {
  return (
    <div className={layout['stack']}>
      <Field label="Highest learning rate">
        {({ id }) => (
          <NumberField
            id={id}
            value={course.learningRate}
            min={1e-9}
            max={1}
            scale="log"
            onChange={(learningRate) => onChange({ ...course, learningRate })}
          />
        )}
      </Field>
      <Field label="Steps of the whole run">
        {({ id }) => (
          <NumberField
            id={id}
            value={course.totalSteps}
            min={least}
            max={mostSteps}
            integer
            onChange={(totalSteps) => onChange({ ...course, totalSteps })}
          />
        )}
      </Field>
    </div>
  );
}
