import { generatorOf } from '../../../model/architecture';
import { wordLossGraph } from '../../../model/generator-graph';
import type { MemoryQuestion, TaskMemory } from '../memory';

/** The page does not know how long texts are. Captions and questions are mostly shorter than this, and answers much. */
const usualTokens = 32;
const answerTokens = 8;

/** The image tower up to all of its tokens, and the decoder, with the encoder of questions before it where there are any. */
export function wordMemory({ recipe, architecture }: MemoryQuestion): TaskMemory {
  const asks = recipe.task.type === 'answering';
  return {
    towers: [{ tower: 'vision', reading: 'tokens' }],
    ownTrained: [],
    graph({ batch, tokens: most, squareSide, normalization, from }) {
      const tokens = Math.min(most, usualTokens);
      return wordLossGraph(generatorOf(architecture), {
        batch,
        tokens: asks ? Math.min(most, answerTokens) : tokens,
        ...(asks ? { questionTokens: tokens } : {}),
        from: from.vision,
        normalization,
        squareSide,
      });
    },
  };
}
