import type { ExportFacts } from './facts';

/**
 * `training.json`: everything that is needed to understand or repeat the run, for programs. The run's example captions stay out of it, since
 * they belong to the data.
 */
export function trainingRecord(facts: ExportFacts): string {
  const { run } = facts;
  const record = {
    format: 'vernier-training',
    version: 1,
    createdAt: new Date(facts.createdAt).toISOString(),
    model: {
      name: facts.name,
      base: facts.base.id,
      baseLicense: facts.base.license,
      precision: facts.precision,
      parameters: facts.parameters,
      trainedParameters: facts.trainedParameters,
    },
    // The dataset's id is a name within one browser and means nothing elsewhere.
    data: run === null ? null : { ...run.dataset, id: undefined, ...facts.data },
    recipe: run?.recipe ?? null,
    environment: run?.environment ?? null,
    kernels: run?.kernels ?? null,
    result:
      run === null
        ? null
        : {
            state: run.state,
            startedAt: new Date(run.createdAt).toISOString(),
            steps: run.stepsDone,
            plannedSteps: run.totalSteps,
            seconds: run.seconds,
            bestStep: run.bestStep,
            exportedStep: run.weightsStep,
            trainedTensors: run.tensors,
            baseline: run.baseline,
            evaluations: run.evaluations,
          },
    test: facts.test === null ? null : { base: facts.test.base, tuned: facts.test.tuned },
  };
  return `${JSON.stringify(record, null, 2)}\n`;
}
