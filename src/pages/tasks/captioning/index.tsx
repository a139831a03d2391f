import { plural } from '../../../components/format';
import { captioning } from '../../../tasks/captioning';
import { metrics } from '../../../tasks/captioning/metrics';
import { picturesMetric } from '../../../tasks/metrics';
import { viewOf } from '../view';
import { WordReport } from '../words/WordReport';
import { WrittenTexts } from '../words/WrittenTexts';

export const captioningView = viewOf(captioning, {
  Predictions: ({ predictions }) => (
    <WrittenTexts
      title="What it writes"
      before="Validation pictures with the captions that are written for them appear here after the first evaluation."
      hint="Validation pictures with one of their own captions, and what is written for them."
      predictions={predictions}
    />
  ),
  Report: ({ report, tunedName }) => (
    <WordReport
      title="Captions"
      hint={`What is written for each of ${plural(report.base[picturesMetric] ?? NaN, 'picture')}, held against all captions of the picture.`}
      note="CIDEr-D, BLEU and ROUGE-L are those of COCO’s evaluation, METEOR is NLTK’s without WordNet’s synonyms, and sacreBLEU cuts words in its own way: compare them only with numbers that were computed alike. CIDEr-D depends on which pictures are measured together, and perplexity on the tokenizer."
      metrics={metrics}
      report={report}
      tunedName={tunedName}
    />
  ),
  known: () => '',
  cautions: () => [],
  writes: true,
  unable: (split) => `There are no ${split} pictures with captions. Change the split on the Data page.`,
  evaluation: 'Evaluation has the model write captions and holds them against those of the pictures.',
  evaluating: (pictures) => `Evaluating has both models write a caption for each of ${pictures}.`,
});
