import { Check } from 'lucide-react';
import { Button } from '../../components/Button';
import { Card } from '../../components/Card';
import { cx } from '../../components/cx';
import { bytes, short } from '../../components/format';
import { catalogue, isEmbedded, type CatalogueEntry } from '../../model/catalogue';
import { useModelStore } from '../../stores/model';
import { useRunStore } from '../../stores/run';
import styles from './Catalogue.module.css';

/** Models known to work, the one that ships with the studio first. */
export function Catalogue() {
  return (
    <Card title="Models to start from">
      <ul className={styles['list']}>
        {catalogue.map((entry) => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </ul>
    </Card>
  );
}

function Entry({ entry }: { readonly entry: CatalogueEntry }) {
  const inUse = useModelStore((state) => state.model?.id === entry.id);
  const opening = useModelStore((state) => state.opening?.model === entry.id);
  const training = useRunStore((state) => state.active !== null);
  const { id, name, description, parameters, bytes: size, imageSize, license } = entry;
  const reason = training
    ? 'A run is in progress. Another model can be opened when it has ended.'
    : opening
      ? 'It is being opened.'
      : null;
  return (
    <li className={cx(styles['entry'], inUse && styles['inUse'])}>
      <div className={styles['words']}>
        <h3>{name}</h3>
        <p>{description}</p>
        <small>
          {short(parameters)} parameters · {imageSize} × {imageSize} pixels · {license} ·{' '}
          {isEmbedded(id) ? `${bytes(size)}, ships with the studio` : `${bytes(size)} to download once`}
        </small>
      </div>
      {inUse ? (
        <span className={styles['mark']}>
          <Check aria-hidden /> In use
        </span>
      ) : (
        <Button
          aria-label={`Use ${name}`}
          disabledReason={reason}
          onClick={() => void useModelStore.getState().openModel(id)}
        >
          Use
        </Button>
      )}
    </li>
  );
}
