import { bleuCounts, cocoBleu, sacreBleu, words13a } from '../../../metrics/text/bleu';
import { ciderD } from '../../../metrics/text/cider';
import { meteor } from '../../../metrics/text/meteor';
import { cocoTokens } from '../../../metrics/text/ptb';
import { rougeL } from '../../../metrics/text/rouge';
import { meanOfSamples, type Measured } from '../measured';
import { exactMatches, lossMean, meanAt, wordMetrics } from '../words/measured';
import type { WrittenTexts } from '../words/subject-pass';

/** Captions, with pictures as samples. CIDEr-D knows how rare words are from all samples, whichever of them are measured. */
export function measuredCaptions(texts: WrittenTexts): Measured {
  const { subjects, said } = texts;
  const references = subjects.map((subject) => subject.references.map(cocoTokens));
  const written = said.map(cocoTokens);
  const perSample = (of: typeof rougeL): Float64Array =>
    Float64Array.from(references, (own, place) => of(own, written[place] ?? []));
  const cider = Float64Array.from(ciderD(references, written));
  const rouge = perSample(rougeL);
  const meteors = perSample(meteor);
  const exact = exactMatches(texts);
  const counts = references.map((own, place) => bleuCounts(own, written[place] ?? []));
  const counts13a = subjects.map((subject, place) =>
    bleuCounts(subject.references.map(words13a), words13a(said[place] ?? '')),
  );
  return {
    measure(places) {
      const bleu = cocoBleu(places.map((place) => counts[place]!));
      return {
        ...wordMetrics(texts, places),
        'cider-d': meanAt(cider, places),
        ...Object.fromEntries(bleu.map((value, index) => [`bleu-${index + 1}`, value])),
        sacrebleu: sacreBleu(places.map((place) => counts13a[place]!))[3] ?? NaN,
        'rouge-l': meanAt(rouge, places),
        meteor: meanAt(meteors, places),
        'exact-match': meanAt(exact, places),
      };
    },
    outcome: (place) => ({ right: null, score: cider[place] ?? NaN, said: said[place] ?? '' }),
    means: {
      loss: [lossMean(texts)],
      'cider-d': [meanOfSamples(cider, 'continuous')],
      'rouge-l': [meanOfSamples(rouge, 'continuous')],
      meteor: [meanOfSamples(meteors, 'continuous')],
      'exact-match': [meanOfSamples(exact, 'binary')],
    },
  };
}
