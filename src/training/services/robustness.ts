import type { Requests } from '../../protocol/protocol';
import { readRun, putRobustness } from '../../runs/store';
import {
  perturbations,
  type PerturbationId,
  type Robustness,
  type RobustnessRow,
  type Strength,
} from '../../tasks/robustness';
import { FeatureIndex } from '../features/feature-index';
import { spoiledPicture, spoiledWords } from '../perturbations';
import { everyPlace } from '../tasks/measured';
import type { MeasuredWeights, ReportOptions } from '../tasks/report';
import type { RequestContext } from './dispatcher';
import { reworded } from './reworded';
import { askedReport } from './report';
import type { WeightsRegistry } from './weights';

/**
 * What weights score on a split whose pictures, or whose words, are spoiled in one way after the other, beside what they score on them as they are. The
 * result is noted with the run where it is of the run's own test pictures.
 *
 * @throws StudioError `too-few` when the split is empty
 */
export async function testRobustness(
  registry: Pick<WeightsRegistry, 'find'>,
  { strength, ...params }: Requests['robustness']['params'],
  context: RequestContext,
): Promise<Robustness> {
  const { options, report, run, dataChanged } = await askedReport(registry, params, context);
  const readsWords = reworded(options, (text) => text) !== null;
  const ways = perturbations.filter(({ of }) => of === 'pictures' || readsWords);
  const rows: RobustnessRow[] = [];
  for (const [place, way] of [null, ...ways].entries()) {
    const part = `${place + 1} of ${ways.length + 1}, ${way?.label ?? 'as they are'}`;
    const progress: ReportOptions['progress'] = (label, done, total) =>
      options.progress(`${part}: ${label}`, done, total);
    const found = await report(spoiled({ ...options, progress }, way?.id ?? null, strength));
    const all = everyPlace(found.samples.length);
    rows.push({ id: way?.id ?? null, base: found.base.measure(all), tuned: found.tuned?.measure(all) ?? null });
    await options.pause();
  }
  const stored = run === null ? null : await readRun(run.id);
  if (
    stored !== null &&
    stored.weightsStep !== null &&
    params.split === 'test' &&
    !dataChanged &&
    stored.dataset.id === params.datasetId
  ) {
    // It can be made again.
    await putRobustness(stored.id, { step: stored.weightsStep, strength, rows }).catch(() => undefined);
  }
  return { strength, rows };
}

/** What is measured, with pictures or words spoiled; features of these are computed apart. */
function spoiled(options: ReportOptions, id: PerturbationId | null, strength: Strength): ReportOptions {
  if (id === null) return options;
  if (id === 'typos') {
    return { ...options, view: reworded(options, (text) => spoiledWords(text, strength)) ?? options.view };
  }
  const worn = (weights: MeasuredWeights): MeasuredWeights => ({
    ...weights,
    features: new FeatureIndex(weights.features.width),
    pixels: {
      async pixels(image) {
        const pixels = await weights.pixels.pixels(image);
        return spoiledPicture(id, pixels, Math.round(Math.sqrt(pixels.length / 3)), strength, image.hash);
      },
    },
  });
  return { ...options, base: worn(options.base), tuned: options.tuned === null ? null : worn(options.tuned) };
}
