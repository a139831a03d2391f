import { useMemo } from 'react';
import { Button } from '../../components/Button';
import { plural } from '../../components/format';
import { Notice } from '../../components/Notice';
import { Progress } from '../../components/Progress';
import type { SampleGroup } from '../../protocol/search';
import type { WeightsRef } from '../../protocol/weights-ref';
import { groupsKey, useSampleGroups } from '../../stores/neighbours';
import type { Outcomes } from '../../tasks/outcomes';
import { Thumbnail } from '../runs/Thumbnail';
import { useDataKey } from '../useDataKey';
import { measuredOutcomes, type MeasuredOutcome } from './measuredOutcomes';
import { commonWords, mostSaid } from './common';
import styles from './MistakeGroups.module.css';

interface MistakeGroupsProps {
  readonly datasetId: string;
  readonly weights: WeightsRef;
  /** The same for the same weights. */
  readonly weightsKey: string;
  readonly outcomes: Outcomes;
}

/** Pictures shown of a group. */
const shown = 7;

/** The wrong samples in a few groups that the model sees as alike, each with what its samples have in common. Computed when it is asked for. */
export function MistakeGroups({ datasetId, weights, weightsKey, outcomes }: MistakeGroupsProps) {
  const measured = useMemo(() => measuredOutcomes(outcomes), [outcomes]);
  const wrong = useMemo(() => measured.filter(({ outcome }) => outcome.right === false), [measured]);
  const imageIds = useMemo(() => [...new Set(wrong.map(({ imageId }) => imageId))].sort(), [wrong]);
  const key = groupsKey(weightsKey, useDataKey(), imageIds);
  const job = useSampleGroups((state) => state.jobs[key]);
  const start = useSampleGroups((state) => state.start);
  if (imageIds.length < 3) return null;
  return (
    <section className={styles['section']} aria-labelledby="mistake-groups">
      <header className={styles['head']}>
        <div>
          <h2 id="mistake-groups">What mistakes have in common</h2>
          <p className={styles['hint']}>
            {plural(imageIds.length, 'picture')} that the model gets wrong, in groups that look alike to it.
          </p>
        </div>
        {job === undefined && (
          <Button size="s" onClick={() => start(key, { weights, datasetId, imageIds })}>
            Group the mistakes
          </Button>
        )}
      </header>
      {job?.state === 'running' && <Progress task={job.task} onCancel={job.cancel} />}
      {job?.state === 'failed' && <Notice tone="error">{job.message}</Notice>}
      {job?.state === 'done' && (
        <ul className={styles['groups']}>
          {job.result.map((group) => (
            <Group key={group.imageIds[0]} group={group} measured={measured} wrong={wrong} />
          ))}
        </ul>
      )}
      {job?.state === 'done' && job.result.length === 0 && (
        <p className={styles['hint']}>They have nothing in common that the model sees.</p>
      )}
    </section>
  );
}

interface GroupProps {
  readonly group: SampleGroup;
  readonly measured: readonly MeasuredOutcome[];
  readonly wrong: readonly MeasuredOutcome[];
}

function Group({ group: { imageIds, captions }, measured, wrong }: GroupProps) {
  const inside = new Set(imageIds);
  const members = wrong.filter(({ imageId }) => inside.has(imageId));
  const others = measured.filter(({ imageId }) => !inside.has(imageId));
  const words = commonWords(
    members.map(({ wanted }) => wanted),
    others.map(({ wanted }) => wanted),
  );
  const taken = mostSaid(members.map(({ outcome }) => outcome.said));
  return (
    <li className={styles['group']}>
      <p className={styles['size']}>{plural(imageIds.length, 'mistake')}</p>
      <div className={styles['pictures']} aria-hidden>
        {imageIds.slice(0, shown).map((id) => (
          <Thumbnail key={id} imageId={id} alt="" size={52} />
        ))}
      </div>
      <dl className={styles['facts']}>
        <div>
          <dt>nearest captions</dt>
          <dd>{captions.map(({ caption }) => caption).join(' · ')}</dd>
        </div>
        {words.length > 0 && (
          <div>
            <dt>in common</dt>
            <dd>{words.map(({ word, inside: count }) => `“${word}” in ${count} of ${members.length}`).join(', ')}</dd>
          </div>
        )}
        {taken !== null && (
          <div>
            <dt>often taken for</dt>
            <dd>
              {taken.said} ({taken.count})
            </dd>
          </div>
        )}
      </dl>
    </li>
  );
}
