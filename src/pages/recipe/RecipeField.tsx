import { useState } from 'react';
import { Field, type ControlIds } from '../../components/Field';
import { NumberField } from '../../components/NumberField';
import { Segmented } from '../../components/Segmented';
import { Select } from '../../components/Select';
import { Slider } from '../../components/Slider';
import { Switch } from '../../components/Switch';
import { TextField } from '../../components/TextField';
import { TextLines } from '../../components/TextLines';
import { controlOf } from '../../recipe/control';
import { infoOf, showShare, showValue } from '../../recipe/describe';
import { applyPreset } from '../../recipe/presets';
import { fieldOf, type RecipeKey } from '../../recipe/fields';
import type { Recipe } from '../../recipe/schema';
import { useRecipeStore } from '../../stores/recipe';

/**
 * Fields of the recipe's form. What a field looks like follows from its schema (`controlOf`), so that a new one needs nothing here; values out of
 * range never reach the recipe.
 */

interface RecipeFieldProps {
  readonly field: RecipeKey;
  readonly recipe: Recipe;
  /** It differs from its preset. */
  readonly edited: boolean;
}

/** One field of the recipe, drawn as its schema and description say. */
export function RecipeField({ field, recipe, edited }: RecipeFieldProps) {
  const { label, help } = infoOf(field, recipe);
  const preset = useRecipeStore((state) => state.preset);
  const [problem, setProblem] = useState<string | null>(null);
  const kind = controlOf(field, recipe).kind;
  return (
    <Field
      label={label}
      help={help}
      error={problem}
      inline={kind === 'switch'}
      {...(edited
        ? {
            onReset: () => useRecipeStore.getState().reset(field),
            resetTo: showValue(field, applyPreset(preset, recipe)),
          }
        : {})}
    >
      {(ids) => <RecipeControl field={field} recipe={recipe} ids={ids} onProblem={setProblem} />}
    </Field>
  );
}

interface RecipeControlProps {
  readonly field: RecipeKey;
  readonly recipe: Recipe;
  readonly ids: ControlIds;
  readonly onProblem: (problem: string | null) => void;
}

/** Choices that fit beside each other are all shown; more go into a list. */
const maxSegments = 3;

function RecipeControl({ field, recipe, ids, onProblem }: RecipeControlProps) {
  const control = controlOf(field, recipe);
  const { label, unit, zero } = infoOf(field, recipe);
  const stored = fieldOf(recipe, field);
  // Lists are shown by parts of the page of their own: here they have no control.
  const value = typeof stored === 'object' ? undefined : stored;
  // The control was made for this field's schema, so the value it gives is one of the field's.
  const set = (next: unknown) => useRecipeStore.getState().change({ [field]: next });
  const named = { id: ids.id, 'aria-describedby': ids.describedBy };
  switch (control.kind) {
    case 'choice':
      return control.options.length <= maxSegments && field !== 'optimizer' ? (
        <div>
          <Segmented label={label} value={String(value)} onChange={set} options={control.options} />
        </div>
      ) : (
        <Select {...named} value={String(value)} onChange={set} options={control.options} />
      );
    case 'switch':
      return <Switch {...named} checked={value === true} onChange={set} />;
    case 'share':
      return (
        <Slider
          aria-labelledby={ids.labelId}
          aria-describedby={ids.describedBy}
          value={Number(value)}
          onChange={set}
          min={control.min}
          max={control.max}
          step={0.01}
          text={showShare(Number(value))}
        />
      );
    case 'number':
      return (
        <NumberField
          {...named}
          value={Number(value)}
          onChange={set}
          min={control.min}
          max={control.max}
          integer={control.integer}
          scale={control.scale}
          unit={unit}
          zero={zero}
          onProblem={onProblem}
        />
      );
    case 'text':
      return control.lines ? (
        <TextLines {...named} value={String(value)} onChange={set} />
      ) : (
        <TextField {...named} value={String(value)} onChange={set} />
      );
    case 'none':
      return null;
    default:
      return control satisfies never;
  }
}
