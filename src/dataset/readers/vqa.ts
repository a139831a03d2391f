import { z } from 'zod';
import { readWithin } from '../limits';
import { baseName, extensionOf, isDocumentation } from '../paths';
import type { SourceFile } from '../source';
import { decodeText } from '../text';
import { parseJson } from './json-document';
import type { Reader } from './reader';
import { isObject, tableOf } from './rows';
import { bareColumns, readNamed, sourceOf } from './table';
import type { NamedTable } from './table-rows';

/**
 * The files of VQA (visualqa.org) and of datasets in their form: one names the questions on pictures, another the answers of several people, by the
 * numbers of the questions.
 */
export const vqaReader: Reader = {
  async *read(listing, findings, signal) {
    const asked: { readonly path: string; readonly questions: readonly Asked[] }[] = [];
    const given: { readonly path: string; readonly answers: readonly Given[] }[] = [];
    for (const [path, file] of listing.others) {
      if (extensionOf(path) !== 'json' || findings.used.has(path) || isDocumentation(path)) continue;
      signal?.throwIfAborted();
      const document = await vqaIn(file);
      const questions = questionsSchema.safeParse(document);
      const answers = answersSchema.safeParse(document);
      if (questions.success) asked.push({ path, questions: questions.data.questions });
      if (answers.success) given.push({ path, answers: answers.data.annotations });
      if (questions.success || answers.success) findings.used.add(path);
    }
    const [first] = given;
    if (asked.length === 0) {
      if (first !== undefined)
        findings.rejected.push({
          path: first.path,
          reason: `${baseName(first.path)} holds answers by the numbers of their questions. Add the file of the questions with it.`,
        });
      return;
    }
    const answersOf = new Map(given.flatMap(({ answers }) => answers.map((each) => [String(each.question_id), each])));
    const tables: NamedTable[] = [];
    for (const { path, questions } of asked) {
      const named = await readNamed(path, findings, () => tableIn(path, questions, answersOf));
      if (named !== null) tables.push(named);
    }
    const [table, ...others] = tables;
    if (table !== undefined) yield sourceOf([table, ...others], 'Questions and answers as in VQA', listing, findings);
  },
};

const id = z.union([z.number(), z.string()]);
const askedSchema = z.object({ question_id: id, image_id: id, question: z.string() });
type Asked = z.infer<typeof askedSchema>;
const questionsSchema = z.object({ questions: z.array(askedSchema).min(1) });
/** Ten people's answers, as the metric counts them; files without have the one that most gave. */
const givenSchema = z.object({
  question_id: id,
  answers: z.array(z.object({ answer: z.string() })).optional(),
  multiple_choice_answer: z.string().optional(),
});
type Given = z.infer<typeof givenSchema>;
const answersSchema = z.object({ annotations: z.array(givenSchema).min(1) });

/** The document of a file that speaks of numbered questions; null for any other file, which is left to others. */
async function vqaIn(file: SourceFile): Promise<unknown> {
  try {
    const text = decodeText(await readWithin(file, 'table'), file.path);
    if (!text.includes('"question_id"')) return null;
    const document = parseJson(text, file.path);
    return isObject(document) ? document : null;
  } catch {
    return null;
  }
}

/** A row for each question, in the order of the file. */
function tableIn(path: string, questions: readonly Asked[], answersOf: ReadonlyMap<string, Given>): NamedTable {
  const rows = questions.map(({ image_id, question, question_id }) => {
    const given = answersOf.get(String(question_id));
    const answers = given?.answers?.map(({ answer }) => answer) ?? [];
    const most = given?.multiple_choice_answer;
    return { image_id, question, answer: answers.length > 0 ? answers : most === undefined ? [] : [most] };
  });
  const others = [
    { name: 'question', role: 'question' },
    { name: 'answer', role: 'answer' },
  ] as const;
  return { path, table: tableOf(rows), columns: { ...bareColumns, image: 'image_id', others } };
}
