import type { ReportOptions, TaskReport, MeasuredWeights } from '../report';
import { wordTaskOf } from './frame';
import { SubjectPass, type WrittenTexts } from './subject-pass';
import { tiedByPicture, type WordKind } from './words';

/** What base and tuned model write for some pictures, and how good it is. */
export async function wordReport(kind: WordKind, options: ReportOptions): Promise<TaskReport> {
  const { view, images, base, tuned } = options;
  const subjects = kind.subjects(view, images);
  const before = await writtenBy(base, 'the base model', kind, options);
  const after = tuned === null ? null : await writtenBy(tuned, 'the tuned model', kind, options);
  return {
    samples: subjects.flatMap(({ image, question, references }) => {
      const record = view.images[image];
      if (record === undefined) return [];
      const wanted = [...new Set(references)].join(' / ');
      return [{ record, wanted, ...(question === null ? {} : { asked: question }) }];
    }),
    base: kind.measured(before),
    tuned: after === null ? null : kind.measured(after),
    tied: tiedByPicture(subjects),
    classes: null,
    about: kind.about(view),
    details: null,
  };
}

async function writtenBy(
  weights: MeasuredWeights,
  who: string,
  kind: WordKind,
  { view, images, recipe, progress, pause }: ReportOptions,
): Promise<WrittenTexts> {
  const { model, pixels } = weights;
  const task = wordTaskOf(model, recipe);
  const subjects = kind.subjects(view, images);
  return weights.use((encoder) =>
    encoder.lend(async (device) => {
      const pass = await SubjectPass.create({ model, task, device, subjects, of: kind.counted });
      try {
        const seen = (wanted: readonly number[]): Promise<Float32Array> =>
          encoder.pictureTokens(wanted.length, (index) => {
            const record = view.images[wanted[index] ?? -1];
            if (record === undefined) throw new Error('There is no such picture.');
            return pixels.pixels(record);
          });
        return await pass.run(seen, async (work) => {
          if (work !== undefined) {
            progress(work.of === 'pictures' ? `Showing pictures to ${who}` : `Asking ${who}`, work.done, work.total);
          }
          await pause();
        });
      } finally {
        pass.dispose();
      }
    }),
  );
}
