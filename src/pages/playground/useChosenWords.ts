import { useState } from 'react';
import type { ChosenPicture } from './picture';

/**
 * Words that are looked for in a picture: those chosen for it, at first its own caption.
 *
 * @param start null: at first none
 */
export function useChosenWords(
  picture: ChosenPicture | null,
  start: string | null = picture?.captions[0] ?? null,
): [words: string | null, choose: (words: string) => void] {
  const [chosen, setChosen] = useState<{ readonly picture: string; readonly words: string } | null>(null);
  const key = picture?.key ?? '';
  const words = chosen?.picture === key ? chosen.words : start;
  return [words, (next) => setChosen({ picture: key, words: next })];
}
