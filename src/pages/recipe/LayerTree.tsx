import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { Card } from '../../components/Card';
import { short } from '../../components/format';
import { NumberField } from '../../components/NumberField';
import { GroupSwitch, Switch } from '../../components/Switch';
import { chooseGroups, deepestTower, trainableGroups } from '../../recipe/trainable';
import { useRecipeStore } from '../../stores/recipe';
import type { LayerGroup } from '../../protocol/models';
import { taskOf } from '../../tasks';
import { useRecipeModel } from './usePlan';
import styles from './LayerTree.module.css';

/** Towers of this many blocks or fewer begin open. */
const openUpTo = 4;

/** Every layer of the model with a switch: what is on learns, what is off stays exactly as it is. */
export function LayerTree() {
  const model = useRecipeModel();
  const recipe = useRecipeStore((state) => state.recipe);
  if (model === null) {
    return <Card title="What to train" hint="The layers are shown once the model is open." />;
  }
  const trained = trainableGroups(recipe.method, model.groups);
  const toggle = (ids: readonly string[], on: boolean) => {
    const wanted = new Set(trained);
    for (const id of ids) {
      if (on) wanted.add(id);
      else wanted.delete(id);
    }
    useRecipeStore.getState().change(chooseGroups(recipe.method, model.groups, wanted));
  };
  const deepest = deepestTower(model.groups);
  const { uses } = taskOf(recipe);
  const part = (tower: string | null) => model.groups.filter((group) => group.tower === tower && uses(group, recipe));
  return (
    <Card title="What to train" hint="On: learns. Off: stays exactly as it is, and costs less time and memory.">
      {recipe.method.freeze === 'last-blocks' && (
        <label className={styles['last']}>
          Last blocks of each tower
          <span>
            <NumberField
              aria-label="Last blocks of each tower"
              value={Math.min(recipe.method.lastBlocks, deepest)}
              onChange={(blocks) => useRecipeStore.getState().set('lastBlocks', blocks)}
              min={1}
              max={Math.min(deepest, 48)}
              integer
            />
          </span>
        </label>
      )}
      {model.towers
        .filter(({ id }) => part(id).length > 0)
        .map(({ id, label, blocks }) => (
          <Tower key={id} name={label} blocks={blocks} groups={part(id)} trained={trained} onToggle={toggle} />
        ))}
      {part(null).map((group) => (
        <Layer key={group.id} group={group} name={group.label} on={trained.has(group.id)} onToggle={toggle} />
      ))}
    </Card>
  );
}

interface TowerProps {
  readonly name: string;
  readonly blocks: number;
  readonly groups: readonly LayerGroup[];
  readonly trained: ReadonlySet<string>;
  readonly onToggle: (ids: readonly string[], on: boolean) => void;
}

function Tower({ name, blocks, groups, trained, onToggle }: TowerProps) {
  const [open, setOpen] = useState(blocks <= openUpTo);
  const on = groups.filter(({ id }) => trained.has(id));
  const total = groups.reduce((sum, { parameters }) => sum + parameters, 0);
  const learning = on.reduce((sum, { parameters }) => sum + parameters, 0);
  const state = on.length === 0 ? false : on.length === groups.length ? true : 'mixed';
  return (
    <section className={styles['tower']} aria-label={name}>
      <div className={styles['head']}>
        <button type="button" className={styles['fold']} aria-expanded={open} onClick={() => setOpen(!open)}>
          <ChevronRight className={styles['chevron']} aria-hidden />
          <b>{name}</b>
        </button>
        <small>
          {learning === total
            ? short(total)
            : learning === 0
              ? `0 of ${short(total)}`
              : `${short(learning)} of ${short(total)}`}
        </small>
        <GroupSwitch
          aria-label={`Train the ${name.toLowerCase()}`}
          checked={state}
          onChange={(next) =>
            onToggle(
              groups.map(({ id }) => id),
              next,
            )
          }
        />
      </div>
      {open ? (
        <div className={styles['layers']}>
          {groups.map((group) => (
            <Layer
              key={group.id}
              group={group}
              name={`${name}: ${group.label}`}
              on={trained.has(group.id)}
              onToggle={onToggle}
            />
          ))}
        </div>
      ) : (
        <div className={styles['strip']} aria-hidden>
          {groups.map(({ id }) => (
            <i key={id} className={trained.has(id) ? styles['on'] : undefined} />
          ))}
        </div>
      )}
    </section>
  );
}

interface LayerProps {
  readonly group: LayerGroup;
  /** With its tower, for those who hear the switch alone. */
  readonly name: string;
  readonly on: boolean;
  readonly onToggle: (ids: readonly string[], on: boolean) => void;
}

function Layer({ group, name, on, onToggle }: LayerProps) {
  return (
    <div className={styles['layer']}>
      <span className={on ? undefined : styles['frozen']}>{group.label}</span>
      <small>{short(group.parameters)}</small>
      <Switch aria-label={`Train ${name}`} checked={on} onChange={(next) => onToggle([group.id], next)} />
    </div>
  );
}
