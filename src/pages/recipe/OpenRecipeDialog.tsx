import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { Notice } from '../../components/Notice';
import { differences } from '../../recipe/differences';
import type { OpenedLink } from '../../recipe/link';
import { presetById } from '../../recipe/presets';
import { useModelStore } from '../../stores/model';
import { useRecipeStore } from '../../stores/recipe';
import styles from './OpenRecipeDialog.module.css';

interface OpenRecipeDialogProps {
  readonly source: 'link' | 'file';
  readonly opened: OpenedLink;
  readonly onClose: () => void;
}

/** Shows what a recipe from elsewhere would change, and asks. Nothing of it is used before the answer. */
export default function OpenRecipeDialog({ source, opened, onClose }: OpenRecipeDialogProps) {
  const recipe = useRecipeStore((state) => state.recipe);
  const changes = differences(recipe, opened.recipe);
  const use = () => {
    onClose();
    useRecipeStore.getState().replace(opened.recipe);
    void useModelStore.getState().changeTo(opened.recipe.model);
  };
  return (
    <Dialog
      open
      onClose={onClose}
      wide
      title={source === 'link' ? 'Open a shared recipe?' : 'Open this recipe?'}
      description={
        changes.length === 0
          ? `The ${source} holds the recipe that you have already.`
          : `It ${source === 'link' ? 'starts from' : 'is nearest to'} the preset “${presetById(opened.preset).label}” and would change ${changes.length === 1 ? 'one setting' : `${changes.length} settings`} of yours. Your pictures and runs stay as they are.`
      }
      footer={
        changes.length === 0 ? (
          <Button variant="primary" onClick={onClose}>
            Close
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>Keep my recipe</Button>
            <Button variant="primary" onClick={use}>
              Use this recipe
            </Button>
          </>
        )
      }
    >
      <div className={styles['body']}>
        {opened.problems.length > 0 && (
          <Notice tone="warn" title={`Not everything in the ${source} can be used`}>
            <ul>
              {opened.problems.map((problem) => (
                <li key={problem}>{problem}</li>
              ))}
            </ul>
          </Notice>
        )}
        {changes.length > 0 && (
          <table className={styles['changes']}>
            <thead>
              <tr>
                <th scope="col">Setting</th>
                <th scope="col">Yours</th>
                <th scope="col">In the {source}</th>
              </tr>
            </thead>
            <tbody>
              {changes.map(({ key, label, from, to }) => (
                <tr key={key}>
                  <th scope="row">{label}</th>
                  <td>{from}</td>
                  <td>
                    <b>{to}</b>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </Dialog>
  );
}
