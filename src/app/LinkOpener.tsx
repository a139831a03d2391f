import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { Button } from '../components/Button';
import { Dialog } from '../components/Dialog';
import OpenRecipeDialog from '../pages/recipe/OpenRecipeDialog';
import { decodeLink, type OpenedLink } from '../recipe/link';
import { linkInLocation } from '../recipe/link-location';
import { useRecipeStore } from '../stores/recipe';

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
    <OpenRecipeDialog source="link" opened={reading.link} onClose={close} />
  );
}

type Reading = { readonly link: OpenedLink } | { readonly problem: string };
