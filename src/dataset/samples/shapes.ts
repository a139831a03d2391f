import type { SourceFile } from '../source';
import { seededRandom } from './drawing';
import { generatedFiles } from './files';
import { describeScene, drawScene, factsOf, randomScenes } from './scenes';

/**
 * The generated sample, coloured shapes in relations, as files of an import: each picture has its caption, the form of the upper or
 * left thing as the label, and how many of the two are large. The same options give the same bytes.
 */
export function shapesFiles({ count = 1200, seed = 1, side = 96 }: ShapesOptions = {}): SourceFile[] {
  const pictures = randomScenes(count, seededRandom(seed)).map((scene, i) => {
    const { label, large } = factsOf(scene);
    return {
      about: { text: describeScene(scene), label, large_count: large },
      draw: () => drawScene(scene, side, seededRandom(seed * 65_537 + i)),
    };
  });
  return generatedFiles(pictures, side);
}

export interface ShapesOptions {
  /** How many pictures; all captions differ. At most about 15,000 scenes exist, so stay well below. */
  readonly count?: number;
  readonly seed?: number;
  /** Pixels a side. */
  readonly side?: number;
}
