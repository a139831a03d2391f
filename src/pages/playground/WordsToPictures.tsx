import { useCallback, useEffect, useMemo } from 'react';
import { cx } from '../../components/cx';
import { FittedImage, fittedBox } from '../../components/FittedImage';
import { SearchField } from '../../components/TextField';
import { pictureOf } from '../../dataset/sample';
import type { Dataset, SampleRecord } from '../../dataset/types';
import { searchKey, useImageSearch } from '../../stores/playground';
import { useDataStore } from '../../stores/data';
import type { FoundPicture } from '../../protocol/search';
import { useThumbnail } from '../runs/Thumbnail';
import { useDataKey } from '../useDataKey';
import { AnswerPanel } from './AnswerPanel';
import { pictureOfRecord, type ChosenPicture } from './picture';
import { sampleEvenly } from './sampleEvenly';
import type { Side } from './sides';
import { useAsk } from './useAsk';
import pageStyles from './PlaygroundPage.module.css';
import styles from './WordsToPictures.module.css';

/** Pictures found a question. */
const count = 10;
/** Captions offered to try. */
const suggestions = 6;

interface WordsToPicturesProps {
  readonly dataset: Dataset;
  readonly sides: readonly Side[];
  readonly query: string;
  readonly onQuery: (query: string) => void;
  readonly onPicture: (picture: ChosenPicture) => void;
}

/** Words find pictures. */
export function WordsToPictures({ dataset, sides, query, onQuery, onPicture }: WordsToPicturesProps) {
  const images = useDataStore((state) => state.images);
  const byId = useMemo(() => new Map(images.map((image) => [image.id, image])), [images]);
  const examples = useMemo(
    () => sampleEvenly([...new Set(images.flatMap(({ captions }) => captions.slice(0, 1)))], suggestions),
    [images],
  );
  return (
    <>
      <SearchField
        aria-label="Search pictures with words"
        placeholder="Describe a picture, such as “a red boat on the water”"
        className={styles['search']}
        value={query}
        onChange={onQuery}
        autoFocus
      />
      {examples.length > 0 && (
        <div className={styles['examples']}>
          <span>Try</span>
          {examples.map((example) => (
            <button
              key={example}
              type="button"
              className={styles['example']}
              title={example}
              onClick={() => onQuery(example)}
            >
              {example}
            </button>
          ))}
        </div>
      )}
      <div className={pageStyles['sides']}>
        {sides.map((side) => (
          <SearchSide
            key={side.id}
            side={side}
            datasetId={dataset.id}
            query={query.trim()}
            ahead={examples[0] ?? null}
            byId={byId}
            onPicture={onPicture}
          />
        ))}
      </div>
    </>
  );
}

interface SearchSideProps {
  readonly side: Side;
  readonly datasetId: string;
  readonly query: string;
  /** Words with which the pictures are encoded before any are typed. */
  readonly ahead: string | null;
  readonly byId: ReadonlyMap<string, SampleRecord>;
  readonly onPicture: (picture: ChosenPicture) => void;
}

function SearchSide({ side, datasetId, query, ahead, byId, onPicture }: SearchSideProps) {
  const answer = useImageSearch((state) => state.answers[side.id]);
  const ask = useImageSearch((state) => state.ask);
  const data = useDataKey();
  const key = query === '' ? null : searchKey(side.key, data, query);
  const { id, weights } = side;
  const question = useCallback(() => {
    if (key !== null) ask(id, key, { weights, datasetId, query, count });
  }, [ask, id, key, weights, datasetId, query]);
  useAsk(key === null ? null : question);
  useEncodedAhead(side, datasetId, data, key === null ? ahead : null);
  return (
    <AnswerPanel side={side} answer={answer} asked={key} hint="Type words to find pictures." measure="similarity">
      {(hits) => (
        <ol className={styles['hits']}>
          {hits.map((hit) => (
            <Hit key={hit.imageId} hit={hit} image={byId.get(hit.imageId)} query={query} onPicture={onPicture} />
          ))}
        </ol>
      )}
    </AnswerPanel>
  );
}

/**
 * Has the pictures of a dataset encoded while nothing is asked yet, so that the first words are answered at once. Whatever is typed meanwhile waits for
 * the same index.
 *
 * @param words that the pictures are searched with, to no end; null: they are not
 */
function useEncodedAhead({ id, key, weights }: Side, datasetId: string, data: string, words: string | null): void {
  const ask = useImageSearch((state) => state.ask);
  useEffect(() => {
    if (words !== null) ask(`${id} ahead`, searchKey(key, data, words), { weights, datasetId, query: words, count: 1 });
  }, [ask, id, key, weights, datasetId, data, words]);
}

interface HitProps {
  readonly hit: FoundPicture;
  readonly image: SampleRecord | undefined;
  readonly query: string;
  readonly onPicture: (picture: ChosenPicture) => void;
}

/** A found picture with its words. Marked where the run was trained on it, ringed where one of its captions is what was typed. A click asks for its words. */
function Hit({ hit, image, query, onPicture }: HitProps) {
  const src = useThumbnail(hit.imageId);
  const name = image === undefined ? 'a picture that is gone' : (image.captions[0] ?? pictureOf(image).path);
  const right = image?.captions.some((caption) => caption.toLowerCase() === query.toLowerCase()) ?? false;
  const open = async (): Promise<void> => {
    const picture = image === undefined ? null : await pictureOfRecord(image);
    if (picture !== null) onPicture(picture);
  };
  return (
    <li>
      <button
        type="button"
        className={cx(fittedBox, styles['hit'], right && styles['right'])}
        title={`${name} · similarity ${hit.score.toFixed(3)}`}
        aria-label={`${name}${right ? ', the right one' : ''}`}
        onClick={() => void open()}
      >
        {src !== null && <FittedImage src={src} alt="" />}
      </button>
      <p className={styles['words']} title={name}>
        {name}
      </p>
      <small>
        {hit.score.toFixed(2)}
        {hit.trained && (
          <span className={styles['seen']} title="This model was trained on this picture.">
            train
          </span>
        )}
      </small>
    </li>
  );
}
