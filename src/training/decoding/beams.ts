import type { Decoding } from '../../recipe/decoding';
import { adjustedScores, logSoftmax } from './scores';
import type { TokenFrame, TokenModel, Written } from './token-model';

/**
 * Beam search as `_beam_search` of Transformers 5 has it, with `early_stopping` false or true: each step takes the best `2 · beams` continuations of all
 * running texts; of the best `beams` among them those that end are kept as finished, by their mean score; the others go on. A search is over where
 * the best running text, at its length, scores no better than the worst of as many finished ones; with early stopping, where there are so many.
 */

interface Running extends Omit<Written, 'ended'> {
  /** Sum of the scores of its tokens. */
  readonly score: number;
}

interface Finished extends Written {
  /** Divided by the power of the length. */
  readonly score: number;
}

interface Continuation {
  readonly score: number;
  /** Running text that it continues, among those of its search. */
  readonly beam: number;
  readonly token: number;
  readonly logProbability: number;
}

/** The search for one text. */
class BeamSearch {
  private running: readonly Running[] = [{ tokens: [], logProbabilities: [], score: 0 }];
  private finished: readonly Finished[] = [];
  done = false;

  constructor(
    private readonly frame: TokenFrame,
    private readonly decoding: Decoding,
  ) {}

  /** The best text so far: one that has come to its end, or the one that runs before all others. */
  get best(): Written {
    return this.finished[0] ?? { ...(this.running[0] as Running), ended: false };
  }

  /**
   * Takes the scores of the next token of each running text.
   *
   * @param logits of a running text, by its place
   * @returns of each text that runs now, the place of the one that it continues and its last token
   */
  advance(logits: (beam: number) => Float32Array): readonly Pick<Continuation, 'beam' | 'token'>[] {
    const { beams, longest, lengthPenalty, earlyStopping } = this.decoding;
    const written = this.running[0]?.tokens.length ?? 0;
    const found = this.continuations(logits, written);
    const last = written + 1 >= longest;
    const stops = ({ token }: Continuation): boolean => last || token === this.frame.end;
    const ended = found
      .slice(0, beams)
      .filter(stops)
      .map((each): Finished => ({ ...this.extend(each), score: each.score / (written + 1) ** lengthPenalty }));
    this.finished = [...this.finished, ...ended].sort((a, b) => b.score - a.score).slice(0, beams);
    const next = found.filter((each) => !stops(each)).slice(0, beams);
    const worst = this.finished.length < beams ? -Infinity : (this.finished.at(-1)?.score ?? -Infinity);
    const hope = (next[0]?.score ?? -Infinity) / (written + 1) ** lengthPenalty;
    this.done = next.length === 0 || hope <= worst || (earlyStopping && this.finished.length === beams);
    if (!this.done) this.running = next.map((each) => ({ ...this.extend(each), score: each.score }));
    return next;
  }

  private continuations(logits: (beam: number) => Float32Array, written: number): readonly Continuation[] {
    const wanted = 2 * this.decoding.beams;
    const found: Continuation[] = [];
    this.running.forEach(({ tokens, score: before }, beam) => {
      const logProbabilities = logSoftmax(logits(beam));
      const all = [...this.frame.prompt, ...tokens];
      const scores = adjustedScores(logProbabilities, all, written, this.frame.end, this.decoding);
      // The score that is to be beaten.
      let least = found.length === wanted ? found[wanted - 1]!.score : -Infinity;
      for (let token = 0; token < scores.length; token++) {
        const score = before + scores[token]!;
        if (score <= least && found.length === wanted) continue;
        let place = found.length;
        while (place > 0 && found[place - 1]!.score < score) place--;
        found.splice(place, 0, { score, beam, token, logProbability: logProbabilities[token]! });
        if (found.length > wanted) found.pop();
        if (found.length === wanted) least = found[wanted - 1]!.score;
      }
    });
    return found;
  }

  private extend({ beam, token, logProbability }: Continuation): Written {
    const { tokens, logProbabilities } = this.running[beam] as Running;
    const ended = token === this.frame.end;
    return {
      tokens: ended ? tokens : [...tokens, token],
      logProbabilities: [...logProbabilities, logProbability],
      ended,
    };
  }
}

/**
 * Writes one text for each `beams` rows of the model.
 *
 * @param onToken called with the best texts so far after each token
 */
export async function decodeByBeams(
  model: TokenModel,
  frame: TokenFrame,
  decoding: Decoding,
  onToken?: (texts: readonly (readonly number[])[]) => Promise<void>,
): Promise<readonly Written[]> {
  const { rows, vocabulary } = model;
  const { beams } = decoding;
  const searches = Array.from({ length: rows / beams }, () => new BeamSearch(frame, decoding));
  let logits = await model.start(frame.prompt);
  for (;;) {
    const tokens = new Int32Array(rows).fill(frame.end);
    const order = Int32Array.from({ length: rows }, (_, row) => row);
    searches.forEach((search, place) => {
      if (search.done) return;
      const first = place * beams;
      const rowOf = (beam: number): Float32Array =>
        logits.subarray((first + beam) * vocabulary, (first + beam + 1) * vocabulary);
      search.advance(rowOf).forEach(({ beam, token }, index) => {
        tokens[first + index] = token;
        order[first + index] = first + beam;
      });
    });
    await onToken?.(searches.map(({ best }) => best.tokens));
    if (searches.every(({ done }) => done)) break;
    logits = await model.next(tokens, order);
  }
  return searches.map(({ best }) => ({
    tokens: best.tokens,
    logProbabilities: best.logProbabilities,
    ended: best.ended,
  }));
}
