import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { Button } from '../components/Button';
import { Dialog } from '../components/Dialog';
import { Notice } from '../components/Notice';
import { differences } from '../recipe/differences';
import { decodeLink, type OpenedLink } from '../recipe/link';
import { linkInLocation } from '../recipe/link-location';
import { presetById } from '../recipe/presets';
import { useModelStore } from '../stores/model';
import { useRecipeStore } from '../stores/recipe';
import styles from './LinkOpener.module.css';

/** Opens recipe links: shows what one would change and asks. Nothing of a link is used before the answer. */
export default function LinkOpener() {
  const [location, navigate] = useLocation();
  const restored = useRecipeStore((state) => state.restored);
  const [reading, setReading] = useState<Reading | null>(null);
  const code = linkInLocation(location);
  useEffect(() => {
    if (code === null || !restored) return;
    let current = true;
    void decodeLink(code, useRecipeStore.getState().recipe)
      .then(
        (link) => ({ link }),
        (error: unknown) => ({ problem: error instanceof Error ? error.message : String(error) }),
      )
      .then((next) => {
        if (!current) return;
        setReading(next);
        // The link has done its work; a reload must not ask again.
        navigate('/recipe', { replace: true });
      });
    return () => {
      current = false;
    };
  }, [code, restored, navigate]);

  const close = () => setReading(null);
  if (reading === null) return null;
  return 'problem' in reading ? (
    <Dialog
      open
      onClose={close}
      title="This link cannot be opened"
      description={reading.problem}
      footer={
        <Button variant="primary" onClick={close}>
          Keep my recipe
        </Button>
      }
    />
  ) : (
    <LinkDialog link={reading.link} onClose={close} />
  );
}

type Reading = { readonly link: OpenedLink } | { readonly problem: string };

function LinkDialog({ link, onClose }: { readonly link: OpenedLink; readonly onClose: () => void }) {
  const recipe = useRecipeStore((state) => state.recipe);
  const changes = differences(recipe, link.recipe);
  const use = () => {
    onClose();
    useRecipeStore.getState().replace(link.recipe);
    const { model, openModel } = useModelStore.getState();
    if (model?.id !== link.recipe.model) void openModel(link.recipe.model);
  };
  return (
    <Dialog
      open
      onClose={onClose}
      wide
      title="Open a shared recipe?"
      description={
        changes.length === 0
          ? 'The link holds the recipe that you have already.'
          : `It starts from the preset “${presetById(link.preset).label}” and would change ${changes.length === 1 ? 'one setting' : `${changes.length} settings`} of yours. Your pictures and runs stay as they are.`
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
        {link.problems.length > 0 && (
          <Notice tone="warn" title="Not everything in the link can be used">
            <ul>
              {link.problems.map((problem) => (
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
                <th scope="col">In the link</th>
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
