import { expect } from 'vitest';
import type { Executor } from '../../../../engine/executor';
import { modelParameters, towerGraph, towerOutput } from '../../../architecture';
import {
  decodingGraph,
  decodingStates,
  generatorInputs,
  logitsOutput,
  questionGraph,
  wordLossGraph,
} from '../../../generator-graph';
import { questionInputs } from '../../../teacher-forcing';
import { hiddenInput, modelInputs } from '../../family';
import { blipFixture, type StoredBlip } from './parity';

/** A word at a time from kept keys and values, rows in any order, gives what all words at once give. */
export async function checkDecoding(executor: Executor, stored: StoredBlip): Promise<void> {
  const { architecture, weights, batch, options, inputs } = blipFixture(stored);
  const { tokens, questionTokens, normalization } = options;
  const { vocabulary } = architecture.text;
  const rows = batch.words.length;
  const store = await executor.createStore(modelParameters(architecture), weights);
  const run = async (graph: Parameters<Executor['compile']>[0], given: object, from = store): Promise<Float32Array> => {
    const inference = await executor.compile(graph, from);
    const output = await inference.run(given as never);
    inference.dispose();
    return output[logitsOutput] ?? output[towerOutput] ?? new Float32Array();
  };
  const given = inputs(batch, 'lavis');
  const whole = await run(wordLossGraph(architecture, options), given);
  const ids = given[generatorInputs.ids] as Int32Array;

  const shared = { batch: rows, reading: 'tokens' as const, ...(normalization && { normalization }) };
  const pixels = { [modelInputs.pixels]: batch.pixels };
  const seen = await run(towerGraph(architecture, 'vision', shared), pixels);
  const asked =
    questionTokens === undefined
      ? null
      : questionInputs(architecture, batch.questions, { labels: 'lavis', tokens: questionTokens });
  const encoded =
    asked === null || questionTokens === undefined
      ? seen
      : await run(questionGraph(architecture, { batch: rows, tokens: questionTokens }), {
          ...asked,
          [hiddenInput('vision')]: seen,
        });
  const lengths = asked?.[generatorInputs.questionLengths];
  const counted = lengths === undefined ? {} : { [generatorInputs.encodedLengths]: lengths };
  const layout = {
    pictures: rows,
    beams: 2,
    capacity: tokens,
    keys: encoded.length / rows / architecture.encodedWidth,
    lengths: lengths !== undefined,
  };
  const prompt = decodingGraph(architecture, { ...layout, tokens: 2, encoded: 'given' });
  const step = decodingGraph(architecture, { ...layout, tokens: 1, encoded: 'kept', reorder: true });
  const states = await executor.createStore(decodingStates(prompt), new Map(), store);
  const begin = Int32Array.from({ length: 4 * rows }, (__, at) => ids[(at >> 2) * tokens + (at & 1)] ?? 0);
  // The second beam of each picture goes astray after the prompt, and comes back by going on from the first.
  let logits = await run(
    prompt,
    {
      [generatorInputs.ids]: begin,
      [generatorInputs.offsets]: new Int32Array(2 * rows),
      [generatorInputs.encoded]: encoded,
      ...counted,
    },
    states,
  );
  const compare = (at: number, beams: readonly number[]): void => {
    for (let row = 0; row < rows; row++) {
      // Behind its last word a row is padding.
      if (at >= (batch.words[row]?.length ?? 0) - 1) continue;
      for (const beam of beams) {
        const found = logits.subarray((2 * row + beam) * vocabulary, (2 * row + beam + 1) * vocabulary);
        const expected = whole.subarray((row * tokens + at) * vocabulary, (row * tokens + at + 1) * vocabulary);
        found.forEach((value, index) => expect(Math.abs(value - (expected[index] ?? NaN))).toBeLessThan(1e-4));
      }
    }
  };
  compare(1, [0, 1]);
  for (let at = 2; at < tokens; at++) {
    const stray = at % 2 === 0;
    const next = Int32Array.from({ length: 2 * rows }, (__, row) =>
      stray && row % 2 === 1 ? 7 : (ids[(row >> 1) * tokens + at] ?? 0),
    );
    const parents = Int32Array.from({ length: 2 * rows }, (__, row) => (stray ? row : row - (row % 2)));
    logits = await run(
      step,
      {
        [generatorInputs.ids]: next,
        [generatorInputs.offsets]: new Int32Array(2 * rows).fill(at),
        [generatorInputs.parents]: parents,
        ...counted,
      },
      states,
    );
    compare(at, stray ? [0] : [0, 1]);
  }
  states.dispose();
  store.dispose();
}
