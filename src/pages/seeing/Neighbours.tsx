import { Button } from '../../components/Button';
import { cx } from '../../components/cx';
import { Notice } from '../../components/Notice';
import { Progress } from '../../components/Progress';
import type { CaptionHit, Nearest, SearchHit } from '../../protocol/search';
import type { Run } from '../../runs/types';
import { weightsKey } from '../../stores/chosenWeights';
import { useDataStore } from '../../stores/data';
import { neighboursKey, useNeighbours } from '../../stores/neighbours';
import { Thumbnail } from '../runs/Thumbnail';
import { useDataKey } from '../useDataKey';
import { movedBetween, type Moved } from './moved';
import styles from './Neighbours.module.css';

/** Neighbours of each kind. */
const count = 8;

/** What lies nearest to a picture for the base model and for the tuned one, with what moved in and out. Computed when it is asked for. */
export function Neighbours({ run, imageId }: { readonly run: Run; readonly imageId: string }) {
  const dataset = useDataStore((state) => state.dataset);
  const key = neighboursKey(weightsKey(run, run.recipe.model), useDataKey(), imageId);
  const job = useNeighbours((state) => state.jobs[key]);
  const start = useNeighbours((state) => state.start);
  if (dataset === null || dataset.id !== run.dataset.id) return null;
  return (
    <section className={styles['section']} aria-labelledby="neighbours">
      <header className={styles['head']}>
        <h3 id="neighbours">Nearest neighbours</h3>
        {job === undefined && (
          <Button size="s" onClick={() => start(key, { runId: run.id, datasetId: dataset.id, imageId, count })}>
            Find them, before and after
          </Button>
        )}
      </header>
      {job?.state === 'running' && <Progress task={job.task} onCancel={job.cancel} />}
      {job?.state === 'failed' && <Notice tone="error">{job.message}</Notice>}
      {job?.state === 'done' && <Found base={job.result.base} tuned={job.result.tuned} />}
    </section>
  );
}

function Found({ base, tuned }: { readonly base: Nearest; readonly tuned: Nearest }) {
  const pictures = movedBetween(base.pictures, tuned.pictures, (hit) => hit.imageId);
  const captions = movedBetween(base.captions, tuned.captions, (hit) => hit.caption);
  return (
    <>
      <p className={styles['summary']}>
        {pictures.stayed} of {base.pictures.length} pictures and {captions.stayed} of {base.captions.length} captions
        stayed.
      </p>
      <div className={styles['sides']}>
        <SideList who="base" pictures={pictures.base} captions={captions.base} />
        <SideList who="tuned" pictures={pictures.tuned} captions={captions.tuned} />
      </div>
    </>
  );
}

interface SideListProps {
  readonly who: 'base' | 'tuned';
  readonly pictures: readonly Moved<SearchHit>[];
  readonly captions: readonly Moved<CaptionHit>[];
}

const marks = { in: 'moved in', out: 'moved out' } as const;

function SideList({ who, pictures, captions }: SideListProps) {
  const images = useDataStore((state) => state.images);
  const nameOf = (id: string): string => images.find((image) => image.id === id)?.captions[0] ?? 'a picture';
  return (
    <div className={cx(styles['side'], styles[who])}>
      <h4>{who}</h4>
      <ol className={styles['pictures']} aria-label={`Nearest pictures, ${who}`}>
        {pictures.map(({ item: { imageId, score }, moved }) => {
          const said = `${nameOf(imageId)}, ${score.toFixed(2)}${moved === null ? '' : `, ${marks[moved]}`}`;
          return (
            <li key={imageId} className={cx(moved !== null && styles[moved])} title={said}>
              <Thumbnail imageId={imageId} alt={said} hit={moved === 'in'} size={48} />
            </li>
          );
        })}
      </ol>
      <ol className={styles['captions']} aria-label={`Nearest captions, ${who}`}>
        {captions.map(({ item: { caption, score }, moved }) => (
          <li key={caption} className={cx(moved !== null && styles[moved])} title={caption}>
            <span>{caption}</span>
            {moved !== null && <em>{marks[moved]}</em>}
            <small>{score.toFixed(2)}</small>
          </li>
        ))}
      </ol>
    </div>
  );
}
