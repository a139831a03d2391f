import type { Inference } from '../../../engine/executor';
import { generatorInputs, logitsOutput, wordLossGraph } from '../../../model/generator-graph';
import { forcedWords, questionInputs } from '../../../model/teacher-forcing';
import { hiddenInput } from '../../../model/families/family';

import { logSumExp } from '../../decoding/scores';
import { graphInputs, pickInputs, type Device } from '../../features/tower';
import type { TokenLists } from './frame';
import { type WordTask } from './frame';
import type { Example } from './examples';

/** How probable a model finds some texts: the sum of the logarithms of the probabilities of their tokens, the end included, and how many there are. */
export interface Likelihood {
  readonly sum: number;
  readonly tokens: number;
}

export interface LikelihoodOptions {
  readonly task: WordTask;
  readonly device: Device;
  readonly texts: TokenLists;
  /** Null where nothing is asked. */
  readonly questions: TokenLists | null;
  readonly examples: readonly Pick<Example, 'image'>[];
  readonly rows: number;
}

/** Asks a model how probable it finds texts that would be right, as LAVIS counts them: padding and the prompt say nothing. */
export class LikelihoodPass {
  private constructor(
    private readonly options: LikelihoodOptions,
    private readonly inference: Inference,
    private readonly names: ReadonlySet<string>,
  ) {}

  static async create(options: LikelihoodOptions): Promise<LikelihoodPass> {
    const { task, device, texts, questions, rows } = options;
    const graph = wordLossGraph(task.architecture, {
      batch: rows,
      tokens: texts.decoderTokens,
      ...(questions === null ? {} : { questionTokens: questions.longest }),
      from: 'features',
    });
    const inference = await device.lock.run(() => device.executor.compile(graph, device.store));
    return new LikelihoodPass(options, inference, graphInputs(graph));
  }

  /**
   * @param pictures tokens of the pictures of some examples, by their places
   * @param between called with how many are done; throwing in it ends the work
   */
  async run(
    pictures: (places: readonly number[]) => Promise<Float32Array>,
    between?: (done: number) => Promise<void>,
  ): Promise<readonly Likelihood[]> {
    const { task, device, texts, questions, examples, rows } = this.options;
    const { architecture, labels, promptIds } = task;
    const tokens = texts.decoderTokens;
    const found: Likelihood[] = [];
    for (let from = 0; from < examples.length; from += rows) {
      const own = Math.min(rows, examples.length - from);
      const places = Array.from({ length: rows }, (_, row) => from + (row < own ? row : 0));
      const forced = forcedWords(
        architecture,
        places.map((place) => texts.ids[place] ?? []),
        { labels: 'lavis', tokens, promptTokens: promptIds.length },
      );
      const asked =
        questions === null
          ? {}
          : questionInputs(
              architecture,
              places.map((place) => questions.ids[place] ?? []),
              { labels, tokens: questions.longest },
            );
      const seen = await pictures(places);
      const inputs = pickInputs(this.names, { ...forced, ...asked, [hiddenInput('vision')]: seen });
      const { [logitsOutput]: logits = new Float32Array() } = await device.lock.run(() => this.inference.run(inputs));
      const targets = forced[generatorInputs.targets] as Int32Array;
      for (let row = 0; row < own; row++) {
        found.push(likelihoodOf(logits, targets, row * tokens, tokens, architecture.text.vocabulary));
      }
      await between?.(from + own);
    }
    return found;
  }

  dispose(): void {
    this.inference.dispose();
  }
}

/** Of one row: `tokens` rows of logits from row `from` on. */
function likelihoodOf(
  logits: Float32Array,
  targets: Int32Array,
  from: number,
  tokens: number,
  vocabulary: number,
): Likelihood {
  let sum = 0;
  let counted = 0;
  for (let token = from; token < from + tokens; token++) {
    const target = targets[token] ?? -1;
    if (target < 0) continue;
    counted++;
    const row = logits.subarray(token * vocabulary, (token + 1) * vocabulary);
    sum += row[target]! - logSumExp(row);
  }
  return { sum, tokens: counted };
}
