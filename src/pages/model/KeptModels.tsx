import { Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button, IconButton } from '../../components/Button';
import { Card } from '../../components/Card';
import { ConfirmDialog } from '../../components/Dialog';
import { bytes, plural } from '../../components/format';
import { Notice } from '../../components/Notice';
import { catalogue } from '../../model/catalogue';
import { defaultHub } from '../../model/hub';
import { parseKeptId } from '../../model/kept-id';
import type { Run } from '../../runs/types';
import { useKeptStore } from '../../stores/kept';
import { useModelStore } from '../../stores/model';
import { useRunStore } from '../../stores/run';
import styles from './Catalogue.module.css';

/** Models that were fetched or opened before and lie in this browser: to be used again, or deleted to make room. */
export function KeptModels() {
  const models = useKeptStore((state) => state.models);
  const refresh = useKeptStore((state) => state.refresh);
  const remove = useKeptStore((state) => state.deleteModel);
  const problem = useKeptStore((state) => state.problem);
  const open = useModelStore((state) => state.model?.id);
  const hubBase = useModelStore((state) => state.hubBase);
  const opening = useModelStore((state) => state.opening !== null);
  const training = useRunStore((state) => state.active !== null);
  const runs = useRunStore((state) => state.runs);
  const [asked, setAsked] = useState<string | null>(null);
  useEffect(() => void refresh(), [refresh, open]);
  if (models === null || models.length === 0) return null;
  const reason = training
    ? 'A run is in progress. Models can be changed when it has ended.'
    : opening
      ? 'A model is being opened.'
      : null;
  const trainedFrom = runs?.filter((run) => asked !== null && isBaseOf(asked, run)).length ?? 0;
  const isOpen = (model: string): boolean => {
    const { id, hub } = parseKeptId(model);
    return (
      id === open &&
      (id.startsWith('local/') || (hub ?? defaultHub) === (hubBase.endsWith('/') ? hubBase.slice(0, -1) : hubBase))
    );
  };
  return (
    <Card title="Kept in this browser" hint="Fetched or opened before; they open again without a network.">
      {problem !== null && (
        <Notice
          tone="error"
          title="The model was not deleted"
          onDismiss={() => useKeptStore.setState({ problem: null })}
        >
          {problem}
        </Notice>
      )}
      <ul className={styles['list']}>
        {models.map(({ model, bytes: size }) => (
          <li key={model} className={styles['entry']}>
            <div className={styles['words']}>
              <h3>{nameOf(model)}</h3>
              <small>
                {bytes(size)}
                {parseKeptId(model).hub !== null && ` · from ${parseKeptId(model).hub}`}
              </small>
            </div>
            <div className={styles['actions']}>
              <IconButton
                label={`Delete ${nameOf(model)}`}
                icon={<Trash2 />}
                disabledReason={reason ?? (isOpen(model) ? 'It is in use. Choose another model first.' : null)}
                onClick={() => setAsked(model)}
              />
              <Button
                aria-label={`Use ${nameOf(model)} again`}
                disabledReason={reason ?? (isOpen(model) ? 'It is in use.' : null)}
                onClick={() => use(model)}
              >
                Use
              </Button>
            </div>
          </li>
        ))}
      </ul>
      <ConfirmDialog
        open={asked !== null}
        onClose={() => setAsked(null)}
        title={`Delete ${nameOf(asked ?? '')}?`}
        confirm="Delete model"
        danger
        onConfirm={() => {
          if (asked !== null) void remove(asked);
        }}
      >
        {asked?.startsWith('local/') === true
          ? 'Its folder must be opened again to use it.'
          : 'It is fetched again when it is used.'}
        {trainedFrom > 0 &&
          ` ${plural(trainedFrom, 'run')} started from it and cannot be measured, searched with or exported without it; their curves stay.`}
      </ConfirmDialog>
    </Card>
  );
}

/** Opens a kept model, from the hub that it is kept of. */
function use(model: string): void {
  const { id, hub } = parseKeptId(model);
  const { setHubBase, openModel } = useModelStore.getState();
  if (!id.startsWith('local/')) setHubBase(hub ?? defaultHub);
  void openModel(id);
}

function isBaseOf(model: string, { recipe, base }: Run): boolean {
  const { id, hub } = parseKeptId(model);
  return recipe.model === id && (base === null || base.hub === null || base.hub === (hub ?? defaultHub));
}

function nameOf(model: string): string {
  const { id } = parseKeptId(model);
  return catalogue.find((entry) => entry.id === id)?.name ?? id.replace(/^local\//, '');
}
