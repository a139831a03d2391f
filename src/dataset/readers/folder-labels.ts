import { commonDirectory, directoryOf } from '../paths';
import { splitNamed } from '../split-names';
import type { Column, FieldValue } from '../types';
import { classFolderFormat } from './class-folders';
import { classNameOf, classNames, isClassName } from './class-names';
import type { OpenSource } from './reader';
import type { Target } from './target';

/** Folders deeper down are left out of the columns by level. */
const mostLevels = 8;

/**
 * The classes of pictures that lie in class folders, one or several levels of them: of `clothing/shoes/01.jpg` the label `clothing/shoes`, and
 * a column for each level. Folders of splits and for storing pictures, ids and dates are no levels (`train/clothing/images/shoes/01.jpg`), and
 * nor is what all labels have in front. It says nothing of captions, and so does not mind if there are others.
 * @param certain true where the folder names were taken for captions; else several pictures a class are asked for
 * @returns null where the folders are no classes
 */
export function folderLabels(targets: readonly Target[], certain: boolean): OpenSource | null {
  const top = commonDirectory(targets.map(({ path }) => path));
  const folders = targets.map(({ path }) => foldersBelow(top, path));
  const sizes = new Map<string, number>();
  for (const leaf of folders.flatMap((own) => own.at(-1) ?? [])) sizes.set(leaf, (sizes.get(leaf) ?? 0) + 1);
  const leaves = classNames(sizes);
  const labelled = targets.flatMap((target, i) => {
    const own = folders[i] ?? [];
    const leaf = leaves.get(own.at(-1) ?? '');
    if (leaf === undefined) return [];
    return [{ target, levels: [...own.slice(0, -1).map(classNameOf).filter(isClassName), leaf] }];
  });
  const shared = sharedLevels(labelled.map(({ levels }) => levels));
  const statements = labelled.map(({ target, levels }) => ({
    target,
    ...nothingElse,
    fields: fieldsOf(levels.slice(shared)),
  }));
  const labels = new Set(statements.map(({ fields }) => fields['label']));
  if (labels.size < 2 || (!certain && statements.length < 2 * labels.size)) return null;
  const deepest = labelled.reduce((most, { levels }) => Math.max(most, levels.length - shared), 0);
  const levels =
    deepest < 2
      ? []
      : Array.from({ length: Math.min(deepest, mostLevels) }, (_, i): Column => ({ name: levelName(i), role: 'none' }));
  return {
    format: classFolderFormat,
    name: 'the folder names',
    columns: [{ name: 'label', role: 'label' }, ...levels],
    note: null,
    statements: [statements],
  };
}

const nothingElse = { captions: [], split: null } as const;
const levelName = (i: number): string => `level ${i + 1}`;

/** The folders of a path below `top` that are not called after a split, without those at the end that are for storing pictures. */
function foldersBelow(top: string, path: string): string[] {
  const below = directoryOf(path).slice(top.length);
  const folders = below.split('/').filter((folder) => folder !== '' && splitNamed(folder) === null);
  const last = folders.findLastIndex((folder) => isClassName(classNameOf(folder)));
  return last < 0 ? folders : folders.slice(0, last + 1);
}

function fieldsOf(levels: readonly string[]): Record<string, FieldValue> {
  const byLevel = levels.length < 2 ? [] : levels.slice(0, mostLevels).map((level, i) => [levelName(i), level]);
  return { label: levels.join('/'), ...(Object.fromEntries(byLevel) as Record<string, string>) };
}

/** How many levels all labels have in front that say the same of all; the last level of each is its own. */
function sharedLevels(all: readonly (readonly string[])[]): number {
  const [first = []] = all;
  let shared = 0;
  while (all.length > 0 && all.every((levels) => levels.length > shared + 1 && levels[shared] === first[shared]))
    shared += 1;
  return shared;
}
