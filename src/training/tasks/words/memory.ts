import { generatorOf } from '../../../model/architecture';
import { decodingGraph, questionGraph, wordLossGraph } from '../../../model/generator-graph';
import { taskPart } from '../../../recipe/fields';
import { writtenLength } from '../../decoding/writer';
import type { MemoryQuestion, TaskMemory } from '../memory';
import { subjectRows } from './subject-pass';

/** The page does not know how long texts are. Captions and questions are mostly shorter than this, and answers much. */
const usualTokens = 32;
const answerTokens = 8;

/** The image tower up to all of its tokens, and the decoder, with the encoder of questions before it where there are any; what they write with, too. */
export function wordMemory({ recipe, architecture }: MemoryQuestion): TaskMemory {
  const model = generatorOf(architecture);
  const asks = recipe.task.type === 'answering';
  const most = Math.min(architecture.text.maxTokens, usualTokens);
  const tokens = asks ? Math.min(architecture.text.maxTokens, answerTokens) : most;
  const { beams, longest } = asks
    ? { beams: taskPart(recipe, 'answering').writtenBeams, longest: taskPart(recipe, 'answering').longestAnswer }
    : { beams: taskPart(recipe, 'captioning').writtenBeams, longest: taskPart(recipe, 'captioning').longestCaption };
  const asked = asks ? { questionTokens: most } : {};
  return {
    towers: [{ tower: 'vision', reading: 'tokens' }],
    ownTrained: [],
    training: ({ batch, squareSide, normalization, from }) =>
      wordLossGraph(model, { batch, tokens, ...asked, from: from.vision, normalization, squareSide }),
    evaluation() {
      const [patches] = model.stageShape('vision', 'features', { batch: 1, reading: 'tokens' });
      const keys = asks ? most : patches;
      const shared = { pictures: subjectRows, beams, capacity: writtenLength(model, 1, longest), keys, lengths: asks };
      return [
        decodingGraph(model, { ...shared, tokens: 1, encoded: 'given' }),
        decodingGraph(model, { ...shared, tokens: 1, encoded: 'kept', reorder: beams > 1 }),
        ...(asks ? [questionGraph(model, { batch: subjectRows, tokens: most })] : []),
        wordLossGraph(model, { batch: subjectRows, tokens, ...asked, from: 'features' }),
      ];
    },
  };
}
