import { Check, X } from 'lucide-react';
import { useId, useMemo, useState } from 'react';
import { Button } from '../../../components/Button';
import { Card } from '../../../components/Card';
import { count } from '../../../components/format';
import { Segmented } from '../../../components/Segmented';
import { Select } from '../../../components/Select';
import type { RunsCompared } from '../../../protocol/compared';
import { kindLabel } from '../../../tasks/change-label';
import { changeKinds, type ChangeKind, type Changes } from '../../../tasks/changes';
import type { Outcome } from '../../../tasks/outcomes';
import { Thumbnail } from '../../runs/Thumbnail';
import card from '../../seeing/sampleCard.module.css';
import { changesInWords } from '../../seeing/words';
import type { ComparedRun } from './overlay';
import { sidesOfKind, turnedFrom, type SampleSides } from './sides';
import { Swatch } from './Swatch';
import styles from './Predictions.module.css';

/** Samples shown at first, and with each “Show more”. */
const page = 12;

interface PredictionsProps {
  readonly result: RunsCompared;
  /** In the order of the result. */
  readonly compared: readonly ComparedRun[];
}

/** What turned right or wrong from the first run to another, and what all runs say of each sample. */
export function Predictions({ result, compared }: PredictionsProps) {
  const otherId = useId();
  const [first, ...others] = compared;
  const [other, setOther] = useState(others[0]?.run.id ?? '');
  const [kind, setKind] = useState<ChangeKind>('fixed');
  const [shown, setShown] = useState(page);
  const changes = useMemo(() => turnedFrom(result, other), [result, other]);
  const sides = useMemo(() => (changes === null ? [] : sidesOfKind(result, changes, kind)), [result, changes, kind]);
  if (first === undefined || changes === null) return null;
  return (
    <Card title="Sample by sample" hint={`From ${first.run.name}: ${changesInWords(changes)}.`}>
      <div className={styles['tools']}>
        <span id={otherId}>From {first.run.name} to</span>
        <div className={styles['other']}>
          <Select
            aria-labelledby={otherId}
            value={other}
            options={others.map(({ run }) => ({ value: run.id, label: run.name }))}
            onChange={(id) => {
              setOther(id);
              setShown(page);
            }}
          />
        </div>
        <Segmented
          label="Kind of change"
          value={kind}
          onChange={(next) => {
            setKind(next);
            setShown(page);
          }}
          options={changeKinds.map((each) => ({ value: each, label: labelOf(each, changes) }))}
        />
      </div>
      {sides.length === 0 && <p className={styles['none']}>There is none.</p>}
      <ul className={styles['grid']}>
        {sides.slice(0, shown).map((each, place) => (
          <Sample key={`${each.sample.imageId} ${each.sample.asked ?? ''} ${place}`} sides={each} compared={compared} />
        ))}
      </ul>
      {shown < sides.length && (
        <Button size="s" onClick={() => setShown(shown + 2 * page)}>
          Show more
        </Button>
      )}
    </Card>
  );
}

function labelOf(kind: ChangeKind, changes: Changes): string {
  const { decided } = changes;
  const label = kind === 'wrong' && decided ? 'Wrong in both' : kindLabel(kind, changes);
  return kind === 'wrong' && !decided ? label : `${label} ${count(changes[kind].count)}`;
}

function Sample({
  sides: { sample, outcomes },
  compared,
}: {
  readonly sides: SampleSides;
  readonly compared: readonly ComparedRun[];
}) {
  return (
    <li className={card['card']}>
      <Thumbnail imageId={sample.imageId} alt="" size={72} />
      <div className={card['words']}>
        {sample.asked !== undefined && <p className={card['asked']}>{sample.asked}</p>}
        <p className={card['wanted']} title={sample.wanted}>
          {sample.wanted}
        </p>
        {compared.map((each, place) => (
          <Said key={each.run.id} compared={each} outcome={outcomes[place]} />
        ))}
      </div>
    </li>
  );
}

function Said({ compared, outcome }: { readonly compared: ComparedRun; readonly outcome: Outcome | undefined }) {
  if (outcome === undefined) return null;
  const { right, said, score } = outcome;
  return (
    <p className={card['said']} title={`${compared.run.name}: ${said} (score ${score.toFixed(2)})`}>
      <Swatch line={compared} />
      {right === true && <Check className={card['right']} aria-label="right:" />}
      {right === false && <X className={card['notRight']} aria-label="wrong:" />}
      <span className={card['answer']}>{said === '' ? '—' : said}</span>
      <small>{score.toFixed(2)}</small>
    </p>
  );
}
