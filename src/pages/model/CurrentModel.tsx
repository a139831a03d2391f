import { Card } from '../../components/Card';
import { bytes, count, short } from '../../components/format';
import { Notice } from '../../components/Notice';
import { useModelStore } from '../../stores/model';
import { useRecipeStore } from '../../stores/recipe';
import styles from './CurrentModel.module.css';

/** What is known of the model that is open. */
export function CurrentModel() {
  const model = useModelStore((state) => state.model);
  const wanted = useRecipeStore((state) => state.recipe.model);
  if (model === null) {
    return <Card title="In use" hint={`The recipe asks for ${wanted}, which is not open.`} />;
  }
  const { imageSize, patchSize, towers } = model;
  const facts: readonly (readonly [string, string])[] = [
    ['Parameters', short(model.parameters)],
    ['Weights as stored', bytes(model.bytes)],
    [
      'Pictures',
      `${imageSize} × ${imageSize}, in ${count(Math.floor(imageSize / patchSize) ** 2)} patches of ${patchSize}`,
    ],
    ['Captions', `up to ${model.maxTokens} tokens`],
    ...towers.map(({ label, blocks, width }) => [label, `${blocks} blocks of width ${width}`] as const),
    ...(model.projectionDim === null ? [] : [['Shared space', `${model.projectionDim} dimensions`] as const]),
    ['Licence', model.license ?? 'not stated'],
  ];
  return (
    <Card title={model.name} hint={model.id}>
      {model.notes.length > 0 && (
        <div className={styles['notes']}>
          {model.notes.map((note) => (
            <Notice key={note} tone="warn">
              {note}
            </Notice>
          ))}
        </div>
      )}
      <dl className={styles['facts']}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {wanted !== model.id && <p className={styles['other']}>The recipe asks for {wanted}, which is not open.</p>}
    </Card>
  );
}
