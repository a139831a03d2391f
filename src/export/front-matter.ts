import { stringify } from 'yaml';
import { licenseFile } from '../model/card';
import { defaultHub, parseHubId } from '../model/hub';
import type { TaskCard } from '../tasks/card';
import { cardOf, type ExportFacts } from './facts';
import { plainText } from './markdown';
import { publishedResults, type Results } from './results';

/** The front matter that the Hugging Face Hub reads, between its dashes. */
export function frontMatter(facts: ExportFacts): string {
  const { base, run } = facts;
  const onHub = hubName(base.id);
  const results = publishedResults(facts);
  const card = cardOf(facts);
  const data = {
    ...licenseEntries(facts),
    library_name: facts.format.library,
    pipeline_tag: card.pipelineTag,
    ...(onHub === null ? {} : { base_model: onHub }),
    ...(onHub === null || run === null ? {} : { base_model_relation: 'finetune' }),
    tags: [...card.tags, 'vernier'],
    ...(results === null || run === null ? {} : resultEntries(facts.name, run.dataset.name, card, results)),
  };
  // The Hub reads YAML 1.2, its Python library 1.1: what is no plain text in either of them is quoted.
  return `---\n${stringify(data, { compat: 'yaml-1.1', lineWidth: 0 })}---\n`;
}

/** `owner/name` of a model that lies on a hub, whatever its revision; null for others. */
export function hubName(id: string): string | null {
  return id.startsWith('local/') || !id.includes('/') ? null : (parseHubId(id)?.name ?? null);
}

/** The licence as the base's own card gives it; its link is made to lead somewhere from here. */
function licenseEntries(facts: ExportFacts): Readonly<Record<string, unknown>> {
  const { card } = facts.base;
  const [first, ...others] = new Set(card.licenses.map((license) => license.toLowerCase()));
  const unnamed = card.licenseName === null ? 'unknown' : 'other';
  const link = licenseLink(facts);
  return {
    license: others.length > 0 ? [first, ...others] : (first ?? unnamed),
    ...(card.licenseName === null ? {} : { license_name: card.licenseName }),
    ...(link === null ? {} : { license_link: link }),
  };
}

/** The base's link to its licence: a web address, a file that is in the export, or where that file lies on the hub. */
export function licenseLink({ base: { id, card }, carried }: ExportFacts): string | null {
  const link = card.licenseLink;
  if (link === null || /^https?:/i.test(link)) return link;
  // Nothing that a browser would run, or that lies on somebody's machine.
  if (/^[a-z][a-z\d+.-]*:/i.test(link)) return null;
  const file = licenseFile(card);
  if (file !== null && carried.includes(file)) return file;
  const onHub = id.startsWith('local/') ? null : parseHubId(id);
  if (onHub === null || !onHub.name.includes('/')) return link;
  return `${defaultHub}/${onHub.name}/blob/${onHub.revision}/${encodeURI(link.replace(/^(?:\.?\/)+/, ''))}`;
}

/** The results in the form that the Hub lists on a model's page. */
function resultEntries(model: string, dataset: string, { listed }: TaskCard, { split, tuned }: Results) {
  const { taskType, types, metrics } = listed;
  const result = {
    task: { type: taskType },
    dataset: { name: plainText(dataset), type: 'custom', split },
    metrics: metrics.map(({ type, label, name }) => ({
      type,
      name: label,
      value: Number((tuned[name] ?? NaN).toFixed(4)),
    })),
  };
  return { metrics: types, 'model-index': [{ name: plainText(model), results: [result] }] };
}
