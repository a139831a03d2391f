import { infoOf, isRelevant, showValue } from '../recipe/describe';
import { fieldOf, recipeKeys } from '../recipe/fields';
import { repeatableRecipe } from '../runs/repeat';
import type { Run } from '../runs/types';
import { cardOf, type ExportFacts } from './facts';
import { frontMatter, hubName, licenseLink } from './front-matter';
import { count, inline, table } from './markdown';
import { changesSection } from './examples';
import { groupsSection } from './groups';
import { robustnessSection } from './robustness';
import { resultsSection } from './results';

/**
 * `README.md` of an export: a model card with the front matter that the Hugging Face Hub reads, and the sections that people look for in this
 * order: summary, how to use, training data, recipe, results beside the baseline, limits, environment. It tells about the data in numbers only.
 */
export function modelCard(facts: ExportFacts): string {
  const sections = [
    `# ${inline(facts.name)}`,
    summary(facts),
    facts.format.usage,
    trainingData(facts),
    recipeTable(facts),
    resultsSection(facts),
    groupsSection(facts),
    robustnessSection(facts),
    changesSection(facts),
    limits(facts),
    environment(facts),
  ];
  return `${frontMatter(facts)}\n${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function summary(facts: ExportFacts): string {
  const { base, family, run, parameters, trainedParameters } = facts;
  const onHub = hubName(base.id);
  const origin =
    onHub !== null ? `[${base.id}](https://huggingface.co/${onHub})` : `**${inline(base.name)}** (\`${base.id}\`)`;
  const licence = licenceSentence(facts);
  if (run === null)
    return `A ${family} model, the base model ${origin} as it is, stored in ${facts.precision}. ${licence}`;
  if (run.weightsStep === 0) {
    return `A ${family} model, the base model ${origin} as it is, stored in ${facts.precision}: a run of ${run.stepsDone === 1 ? 'one step' : `${count(run.stepsDone)} steps`} was tried, and no step was better than the base model, so nothing of it was changed. ${licence}`;
  }
  const trained =
    trainedParameters === parameters
      ? `All ${count(parameters)} parameters were trained.`
      : `${count(trainedParameters)} of ${count(parameters)} parameters (${((100 * trainedParameters) / parameters).toFixed(1)} %) were trained; all others are those of the base model.`;
  return (
    `A ${family} model, fine-tuned from ${origin} with ${cardOf(facts).trainedWith} in [Vernier](#environment), a studio that trains in a browser tab. ` +
    `${trained} Weights are stored in ${facts.precision}. The data stayed on the machine it was trained on. ${licence}`
  );
}

function licenceSentence(facts: ExportFacts): string {
  const { license } = facts.base;
  if (license === null) return 'The base model states no licence; find out before you pass this model on.';
  const link = licenseLink(facts);
  // Angle brackets take any address and file name as they are, but for brackets of their own.
  const name = link === null || /[<>\n]/.test(link) ? inline(license) : `[${inline(license)}](<${link}>)`;
  return `The base model's licence is ${name}, which this model inherits.`;
}

function trainingData({ run, data, dataChanged }: ExportFacts): string {
  if (run === null) return '';
  const { dataset } = run;
  const rows: (readonly [string, string])[] = [
    ['Name', inline(dataset.name)],
    ['Pictures', count(dataset.images)],
    ['Train / validation / test', [dataset.train, dataset.validation, dataset.test].map(count).join(' / ')],
  ];
  if (run.labels !== null) rows.push(['Classes', count(run.labels.length)]);
  if (data !== null && run.labels !== null) rows.push(['Origin', inline(data.origin)]);
  if (data !== null && run.labels === null) {
    rows.push(
      ['Captions', count(data.captions)],
      ['Words in a caption (median)', count(data.medianWords)],
      ['Captions that repeat another', count(data.duplicateCaptions)],
      ['Origin', inline(data.origin)],
    );
  }
  rows.push(['Fingerprint', `\`${dataset.fingerprint}\``]);
  const changed = dataChanged
    ? ' The collection was changed after this run, so its captions were not counted and no test pictures were measured for this card.'
    : '';
  return `## Training data\n\n${table(['', ''], rows)}\n\nThe fingerprint is the SHA-256 of all pictures, captions and splits: equal data gives an equal one.${changed}`;
}

function recipeTable({ run }: ExportFacts): string {
  if (run === null) return '';
  const recipe = repeatableRecipe(run);
  const rows = recipeKeys
    .filter((key) => isRelevant(key, recipe))
    .map((key) => {
      return [
        infoOf(key, recipe).label,
        `\`${key}\``,
        key === 'changes' ? showValue(key, recipe) : String(fieldOf(recipe, key)),
      ] as const;
    });
  return `## Recipe\n\n${table(['Setting', 'Name', 'Value'], rows)}\n\n\`training.json\` holds the same for programs.`;
}

function limits(facts: ExportFacts): string {
  const { run } = facts;
  if (run === null || run.weightsStep === 0) return '';
  return `## Limits

- It was trained on ${count(run.dataset.train)} pictures of one collection. On pictures and words unlike those it may do worse than its base model; measure before you rely on it.
- ${cardOf(facts).limit}
- It inherits what its base model has learned, biases included. ${groupsSection(facts) === '' ? 'None of that was examined here.' : 'Nothing of that was examined here but the groups above.'}
- It is not fit to identify or judge people.`;
}

function environment({ run, createdAt }: ExportFacts): string {
  const rows: (readonly [string, string])[] = [['Exported', new Date(createdAt).toISOString().slice(0, 10)]];
  if (run !== null) {
    const { version, userAgent } = run.environment;
    rows.push(
      ['Vernier', version],
      ['Trained on', inline(trainedOn(run.environment))],
      ['Browser', inline(userAgent)],
      ['Steps', `${count(run.stepsDone)} of ${count(run.totalSteps)} (${run.state})`],
      ['Weights of step', run.weightsStep === null ? 'unknown' : count(run.weightsStep)],
      ['Training time', `${Math.round(run.seconds)} s`],
    );
  }
  return `## Environment\n\n${table(['', ''], rows)}`;
}

/**
 * What trained. A run records the description of its executor as `backend`: with WebGPU that is the adapter's name. The adapter by itself is
 * recorded on every machine that has one, whatever trained there.
 */
function trainedOn({ backend, adapter }: Run['environment']): string {
  return backend === adapter ? `${backend} (WebGPU)` : backend;
}
