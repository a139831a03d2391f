import { Disclosure } from '../../components/Disclosure';
import { Field } from '../../components/Field';
import { NumberField } from '../../components/NumberField';
import { Segmented } from '../../components/Segmented';
import { greedy, type Decoding, type Sampling } from '../../recipe/decoding';
import styles from './DecodingFields.module.css';

/** How texts are written where nobody has said. */
export const usualDecoding: Decoding = greedy;

/** What drawing begins with. */
const usualSampling: Sampling = { temperature: 1, topK: 0, topP: 0.9, seed: 1 };
/** Beams to begin with, as LAVIS has them. */
const usualBeams = 3;

interface DecodingFieldsProps {
  readonly decoding: Decoding;
  readonly onChange: (decoding: Decoding) => void;
}

type Way = 'probable' | 'beams' | 'drawn';
const ways: readonly { readonly value: Way; readonly label: string }[] = [
  { value: 'probable', label: 'Greedy' },
  { value: 'beams', label: 'Beam search' },
  { value: 'drawn', label: 'Sampling' },
];

/** How words are chosen, behind "Advanced". */
export function DecodingFields({ decoding, onChange }: DecodingFieldsProps) {
  const { sampling, beams } = decoding;
  const way: Way = sampling !== null ? 'drawn' : beams > 1 ? 'beams' : 'probable';
  const change = (part: Partial<Decoding>): void => onChange({ ...decoding, ...part });
  const choose = (next: Way): void =>
    change({
      beams: next === 'beams' ? usualBeams : 1,
      sampling: next === 'drawn' ? usualSampling : null,
    });
  return (
    <Disclosure label="Advanced">
      <div className={styles['fields']}>
        <Field
          label="Words are"
          help="Greedy: the most probable word each time. Beam search: the most probable of several texts. Sampling: at random, by how probable words are."
        >
          {() => <Segmented label="Words are" value={way} options={ways} onChange={choose} />}
        </Field>
        {way === 'beams' && (
          <>
            <Count
              label="Beams"
              help="Texts that are followed side by side."
              value={beams}
              min={2}
              max={16}
              onChange={(next) => change({ beams: next })}
            />
            <Amount
              label="Length penalty"
              help="Above 0 longer texts gain, below 0 shorter ones."
              value={decoding.lengthPenalty}
              min={-5}
              max={5}
              step={0.1}
              onChange={(next) => change({ lengthPenalty: next })}
            />
          </>
        )}
        {sampling !== null && <SamplingFields sampling={sampling} onChange={(next) => change({ sampling: next })} />}
        <Amount
          label="Repetition penalty"
          help="Above 1, words that were written before become less probable."
          value={decoding.repetitionPenalty}
          min={0.1}
          max={10}
          step={0.1}
          onChange={(next) => change({ repetitionPenalty: next })}
        />
        <Count
          label="Longest text"
          help="Tokens that are written at most."
          value={decoding.longest}
          min={1}
          max={200}
          onChange={(next) => change({ longest: next })}
        />
      </div>
    </Disclosure>
  );
}

interface SamplingFieldsProps {
  readonly sampling: Sampling;
  readonly onChange: (sampling: Sampling) => void;
}

function SamplingFields({ sampling, onChange }: SamplingFieldsProps) {
  const change = (part: Partial<Sampling>): void => onChange({ ...sampling, ...part });
  return (
    <>
      <Amount
        label="Temperature"
        help="Below 1 probable words gain, above 1 improbable ones."
        value={sampling.temperature}
        min={0.01}
        max={10}
        step={0.1}
        onChange={(temperature) => change({ temperature })}
      />
      <Count
        label="Top-k"
        help="Words to draw from, the most probable first."
        value={sampling.topK}
        min={0}
        max={10_000}
        zero="all"
        onChange={(topK) => change({ topK })}
      />
      <Amount
        label="Top-p"
        help="Share of the probability that the words to draw from hold together (nucleus)."
        value={sampling.topP}
        min={0.01}
        max={1}
        step={0.05}
        onChange={(topP) => change({ topP })}
      />
      <Count
        label="Seed"
        help="Another one draws other words."
        value={sampling.seed}
        min={0}
        max={0xffff_ffff}
        onChange={(seed) => change({ seed })}
      />
    </>
  );
}

interface NumberProps {
  readonly label: string;
  readonly help: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  readonly zero?: string;
  readonly onChange: (value: number) => void;
}

function Count(props: NumberProps) {
  return <Amount {...props} integer />;
}

function Amount({ label, help, integer = false, ...rest }: NumberProps & { readonly integer?: boolean }) {
  return (
    <Field label={label} help={help}>
      {({ id, describedBy }) => <NumberField id={id} aria-describedby={describedBy} integer={integer} {...rest} />}
    </Field>
  );
}
