import { SearchX } from 'lucide-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { Button } from '../../components/Button';
import { EmptyState } from '../../components/EmptyState';
import { count } from '../../components/format';
import { Segmented } from '../../components/Segmented';
import { SearchField } from '../../components/TextField';
import { useDataStore } from '../../stores/data';
import { useModelStore } from '../../stores/model';
import { useRecipeStore } from '../../stores/recipe';
import { useTaughtBy } from '../useSplitCounts';
import { Columns } from './Columns';
import { Distributions, type Part } from './Distributions';
import { filterImages, findIssues, type Filter } from './health';
import { HealthTiles } from './HealthTiles';
import { PictureDialog } from './PictureDialog';
import { PictureGrid } from './PictureGrid';
import { TaskProposal } from './TaskProposal';
import styles from './Gallery.module.css';

/**
 * The pictures on the Data page. Findings are those of the whole dataset, whatever is searched for; search and filters last as long as the page
 * is shown.
 */

const everything: Omit<Filter, 'part'> = { query: '', split: 'all', issue: null };

/** The pictures of the dataset in use: findings and columns on top, a search, and the grid. */
export function Gallery() {
  const dataset = useDataStore((state) => state.dataset);
  const images = useDataStore((state) => state.images);
  const imageSize = useModelStore((state) => state.model?.imageSize ?? null);
  const tooLong = useDataStore((state) => state.tooLong);
  const [filter, setFilter] = useState(everything);
  const [part, setPart] = useState<Part | null>(null);
  const [openedId, setOpenedId] = useState<string | null>(null);
  // Typing stays quick while a large grid follows.
  const applied = useDeferredValue(filter);
  const by = useTaughtBy();
  const compares = useRecipeStore(({ recipe }) => recipe.task.type === 'contrastive');
  const issues = useMemo(
    () => (dataset === null ? [] : findIssues(images, imageSize, tooLong, { dataset, by, compares })),
    [dataset, images, imageSize, tooLong, by, compares],
  );
  const shown = useMemo(
    () => filterImages(images, { ...applied, part: part?.images ?? null }, issues),
    [images, applied, part, issues],
  );
  const opened = images.find(({ id }) => id === openedId) ?? null;

  return (
    <>
      <HealthTiles
        by={by}
        issues={issues}
        total={images.length}
        chosen={filter.issue}
        onChoose={(issue) => setFilter({ ...filter, issue })}
      />
      <TaskProposal />
      {dataset !== null && <Columns dataset={dataset} />}
      {dataset !== null && <Distributions dataset={dataset} images={images} chosen={part} onChoose={setPart} />}
      <div className={styles['tools']}>
        <SearchField
          className={styles['search']}
          aria-label="Search captions"
          placeholder="Search captions"
          value={filter.query}
          onChange={(query) => setFilter({ ...filter, query })}
        />
        <Segmented
          label="Split"
          value={filter.split}
          onChange={(split) => setFilter({ ...filter, split })}
          options={[
            { value: 'all', label: 'All' },
            { value: 'train', label: 'Train' },
            { value: 'validation', label: 'Validation' },
            { value: 'test', label: 'Test' },
          ]}
        />
        <p className={styles['count']} role="status">
          {shown.length === images.length
            ? `${count(images.length)} shown`
            : `${count(shown.length)} of ${count(images.length)} shown`}
        </p>
      </div>
      {shown.length === 0 ? (
        <EmptyState
          icon={<SearchX />}
          title="No picture fits"
          actions={
            <Button
              onClick={() => {
                setPart(null);
                setFilter(everything);
              }}
            >
              Show all
            </Button>
          }
        >
          Nothing matches the search and the filters together.
        </EmptyState>
      ) : (
        <PictureGrid images={shown} onOpen={setOpenedId} />
      )}
      <PictureDialog image={opened} onClose={() => setOpenedId(null)} />
    </>
  );
}
