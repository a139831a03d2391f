import { FileInput as FileIcon } from 'lucide-react';
import { lazy, Suspense, useRef, useState } from 'react';
import { Button } from '../../components/Button';
import { useToast } from '../../components/toastContext';
import { messageOf } from '../../protocol/errors';
import type { OpenedLink } from '../../recipe/link';
import { recipeInFile } from '../../recipe/recipe-file';

const OpenRecipeDialog = lazy(() => import('./OpenRecipeDialog'));

/** Opens the recipe of a saved run or an exported model, which is trained again with it. */
export function OpenRecipe() {
  const input = useRef<HTMLInputElement>(null);
  const [opened, setOpened] = useState<OpenedLink | null>(null);
  const toast = useToast();
  const read = async (file: File): Promise<void> => {
    try {
      setOpened(recipeInFile(file.name, await file.text()));
    } catch (error) {
      toast({ tone: 'warn', text: messageOf(error) });
    }
  };
  return (
    <>
      <Button icon={<FileIcon />} onClick={() => input.current?.click()}>
        Open recipe
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        accept="application/json,.json"
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          if (file !== undefined) void read(file);
          // The same choice again must count as a change.
          event.target.value = '';
        }}
      />
      {opened !== null && (
        <Suspense fallback={null}>
          <OpenRecipeDialog source="file" opened={opened} onClose={() => setOpened(null)} />
        </Suspense>
      )}
    </>
  );
}
