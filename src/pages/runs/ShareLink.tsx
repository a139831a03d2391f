import { Link2 } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { Field } from '../../components/Field';
import { TextField } from '../../components/TextField';
import { useToast } from '../../components/toastContext';
import { encodeLink } from '../../recipe/link';
import type { Recipe } from '../../recipe/schema';

/** A button that makes a link to a recipe. The link holds the recipe alone: no pictures, captions or file names. */
export function ShareLinkButton({ recipe }: { readonly recipe: Recipe }) {
  const [link, setLink] = useState<string | null>(null);
  const toast = useToast();
  // Without the query: what the sender's studio was told there, such as what to compute with, is not the receiver's.
  const make = async (): Promise<void> => setLink(location.origin + location.pathname + (await encodeLink(recipe)));
  const copy = async (text: string): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      toast({ text: 'The link is in the clipboard.' });
      setLink(null);
    } catch {
      toast({ tone: 'warn', text: 'The browser does not allow copying. Select the link and copy it.' });
    }
  };
  return (
    <>
      <Button icon={<Link2 />} onClick={() => void make()}>
        Share recipe
      </Button>
      {link !== null && (
        <Dialog
          open
          onClose={() => setLink(null)}
          title="Share this recipe"
          description="Whoever opens the link gets the same recipe. It holds no pictures, captions or file names."
          footer={
            <Button variant="primary" onClick={() => void copy(link)}>
              Copy link
            </Button>
          }
        >
          <Field label="Link">
            {({ id }) => (
              <TextField
                id={id}
                value={link}
                readOnly
                onChange={() => undefined}
                onFocus={(event) => event.target.select()}
              />
            )}
          </Field>
        </Dialog>
      )}
    </>
  );
}
