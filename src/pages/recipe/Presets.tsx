import { RadioGroup } from 'radix-ui';
import type { CSSProperties } from 'react';
import { offeredPresets, presetById, presets, type PresetId } from '../../recipe/presets';
import { useMachineStore } from '../../stores/machine';
import { machineOf } from '../../stores/readiness';
import { editedKeys, useRecipeStore } from '../../stores/recipe';
import { taskIdOf } from '../../tasks';
import styles from './Presets.module.css';

/** More than these beside each other are too narrow to be read. */
const mostColumns = 4;

/** Named starting points. Choosing one sets everything but the model and the seed. */
export function Presets() {
  const preset = useRecipeStore((state) => state.preset);
  const edited = useRecipeStore((state) => editedKeys(state).length);
  const capabilities = useMachineStore((state) => state.capabilities);
  const machine = machineOf(capabilities);
  const task = useRecipeStore(({ recipe }) => taskIdOf(recipe));
  const offered = offeredPresets(task);
  const columns = Math.ceil(offered.length / Math.ceil(offered.length / mostColumns));
  const apply = (id: PresetId) => useRecipeStore.getState().applyPreset(id);
  return (
    <RadioGroup.Root
      className={styles['presets']}
      style={{ '--columns': columns, '--count': offered.length } as CSSProperties}
      aria-label="Preset"
      value={preset}
      onValueChange={(next) => {
        const chosen = presets.find(({ id }) => id === next);
        if (chosen !== undefined) apply(chosen.id);
      }}
    >
      {offered.map(({ id, label, hint }) => (
        <RadioGroup.Item
          key={id}
          value={id}
          className={styles['preset']}
          aria-label={label}
          aria-describedby={`preset-${id}`}
          // Choosing the chosen one again takes back all edits.
          onClick={() => {
            if (id === preset && edited > 0) apply(presetById(id).id);
          }}
        >
          <span className={styles['name']}>
            {label}
            {id === preset && edited > 0 && <small className={styles['tag']}>edited</small>}
          </span>
          <small id={`preset-${id}`}>
            {hint} {id === 'quick' && machine?.accelerated === false && <b>It suits this computer.</b>}
          </small>
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
