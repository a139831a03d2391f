import { describe, expect, it } from 'vitest';
import { picturesAt, readFiles } from '../testing/reading';

const lines = (...rows: readonly unknown[]): string => rows.map((row) => JSON.stringify(row)).join('\n');
const roles = { question: 'question', answer: 'answer' };

describe('questions about pictures', () => {
  it('of a table without captions are read, and nobody is told that captions are missing', async () => {
    const { fields, columns, captions, rejected, notes, format } = await readFiles({
      ...picturesAt('0.jpg', '1.jpg'),
      'q.csv': 'question,answer,image\nred?,yes,0.jpg\nbig?,no,0.jpg\nred?,no,1.jpg\n',
    });
    expect(columns).toEqual(roles);
    expect(fields).toEqual({
      '0.jpg': { question: ['red?', 'big?'], answer: [['yes'], ['no']] },
      '1.jpg': { question: ['red?'], answer: [['no']] },
    });
    expect([captions['0.jpg'], rejected, notes, format]).toEqual([
      [],
      {},
      [],
      'Table of pictures and captions (CSV, TSV or JSON Lines)',
    ]);
  });

  it.each([
    ['pergunta', 'resposta'],
    ['Frage', 'Antwort'],
    ['question_text', 'answer_text'],
    ['Q', 'A'],
  ])('are found under the names %s and %s', async (question, answer) => {
    const { columns, fields } = await readFiles({
      ...picturesAt('0.jpg'),
      'q.csv': `image,question_id,${question},${answer}\n0.jpg,7,Ist es rot?,ja\n0.jpg,8,Ist es gross?,nein\n`,
    });
    expect(columns).toMatchObject({ [question]: 'question', [answer]: 'answer' });
    expect(fields['0.jpg']).toMatchObject({
      [question]: ['Ist es rot?', 'Ist es gross?'],
      [answer]: [['ja'], ['nein']],
    });
  });

  it('may have the answers of several people, of which the list counts', async () => {
    const answers = ['2', 'two', '2'].map((answer, i) => ({ answer, answer_confidence: 'yes', answer_id: i + 1 }));
    const { columns, fields } = await readFiles({
      ...picturesAt('0.jpg', '1.jpg'),
      'val.json': JSON.stringify([
        { image: '0.jpg', question: 'How many?', answers, multiple_choice_answer: '2', answer_type: 'number' },
        {
          image: '1.jpg',
          question: 'Red?',
          answers: answers.slice(0, 1),
          multiple_choice_answer: '2',
          answer_type: 'other',
        },
      ]),
    });
    expect(columns).toEqual({
      question: 'question',
      answers: 'answer',
      multiple_choice_answer: 'none',
      answer_type: 'none',
    });
    expect(fields['0.jpg']).toMatchObject({ question: ['How many?'], answers: [['2', 'two', '2']] });
  });

  it('may stand in one row with lists', async () => {
    const { fields } = await readFiles({
      ...picturesAt('0.jpg', '1.jpg'),
      'q.jsonl': lines(
        { image: '0.jpg', question: ['red?', 'big?'], answer: [['yes', 'no'], []] },
        { image: '1.jpg', question: ['red?', 'big?'], answer: ['yes', 'no'] },
      ),
    });
    expect(Object.values(fields)).toEqual([
      { question: ['red?', 'big?'], answer: [['yes', 'no'], []] },
      { question: ['red?', 'big?'], answer: [['yes'], ['no']] },
    ]);
  });

  it('of conversations are kept beside the first answer as the caption', async () => {
    const turn = (from: string, value: string) => ({ from, value });
    const { captions, fields, columns } = await readFiles({
      ...picturesAt('0.jpg', '1.jpg'),
      'llava.json': JSON.stringify([
        {
          id: 1,
          image: '0.jpg',
          conversations: [
            turn('human', '<image>\nWhat is it?'),
            turn('gpt', 'A pear.'),
            turn('human', 'Is it ripe?'),
            turn('gpt', 'Yes.'),
          ],
        },
        { id: 2, image: '1.jpg', conversations: [turn('human', 'What is it?\n<image>'), turn('gpt', 'A plum.')] },
      ]),
    });
    expect(captions).toEqual({ '0.jpg': ['A pear.'], '1.jpg': ['A plum.'] });
    expect(columns).toMatchObject(roles);
    expect(fields['0.jpg']).toMatchObject({
      question: ['What is it?', 'Is it ripe?'],
      answer: [['A pear.'], ['Yes.']],
    });
    expect(fields['1.jpg']).toMatchObject({ question: ['What is it?'], answer: [['A plum.']] });
  });

  it('of chats are read with their lists of pictures', async () => {
    const { fields } = await readFiles({
      ...picturesAt('0.jpg'),
      'chat.jsonl': lines({
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: [{ type: 'image' }, { type: 'text', text: 'What is it?' }] },
          { role: 'assistant', content: [{ type: 'text', text: 'A pear.' }] },
        ],
        images: ['0.jpg'],
      }),
    });
    expect(fields['0.jpg']).toEqual({ question: ['What is it?'], answer: [['A pear.']] });
  });

  it('are questions where the prefixes of a table differ, and tasks of the model where they do not', async () => {
    const table = (...prefixes: readonly string[]) =>
      lines(...prefixes.map((prefix, i) => ({ image: `${i}.jpg`, prefix, suffix: `answer ${i}` })));
    const pictures = picturesAt('0.jpg', '1.jpg');
    const asked = await readFiles({ ...pictures, 'a.jsonl': table('red?', 'big?') });
    expect(asked.captions['0.jpg']).toEqual([]);
    expect([asked.columns, asked.fields['1.jpg']]).toEqual([
      { prefix: 'question', suffix: 'answer' },
      { prefix: ['big?'], suffix: [['answer 1']] },
    ]);
    const told = await readFiles({ ...pictures, 'a.jsonl': table('caption', 'caption') });
    expect(told.captions).toEqual({ '0.jpg': ['answer 0'], '1.jpg': ['answer 1'] });
    expect(told.fields['0.jpg']).toEqual({ prefix: ['caption'], suffix: [['answer 0']] });
  });

  it('say the same in two files once', async () => {
    const rows = [
      { image: '0.jpg', question: 'red?', answer: 'yes' },
      { image: '0.jpg', question: 'big?', answer: 'no' },
    ];
    const { fields } = await readFiles({
      ...picturesAt('0.jpg'),
      'a.jsonl': lines(...rows),
      'b.csv': 'image,question,answer,extra\n0.jpg,red?,yes,1\n0.jpg,old?,no,1\n',
    });
    expect(fields['0.jpg']).toEqual({
      question: ['red?', 'big?', 'old?'],
      answer: [['yes'], ['no'], ['no']],
      extra: '1',
    });
  });
});

describe('the files of VQA', () => {
  const questions = (...asked: readonly (readonly [number, number, string])[]) =>
    JSON.stringify({
      info: {},
      questions: asked.map(([question_id, image_id, question]) => ({ question_id, image_id, question })),
    });
  const annotations = JSON.stringify({
    annotations: [
      {
        question_id: 420,
        image_id: 42,
        answers: [
          { answer: 'net', answer_id: 1 },
          { answer: 'nets', answer_id: 2 },
        ],
        multiple_choice_answer: 'net',
      },
      { question_id: 421, image_id: 42, multiple_choice_answer: 'yes' },
    ],
  });
  const pictures = picturesAt('val2014/COCO_val2014_000000000042.jpg', 'val2014/COCO_val2014_000000000043.jpg');

  it('are put together by the numbers of the questions', async () => {
    const { fields, columns, splits, rejected, format } = await readFiles({
      ...pictures,
      'v2_OpenEnded_mscoco_val2014_questions.json': questions(
        [420, 42, 'What is it?'],
        [421, 42, 'Is it red?'],
        [430, 43, 'And this?'],
      ),
      'v2_mscoco_val2014_annotations.json': annotations,
    });
    expect(columns).toEqual(roles);
    expect(Object.values(fields)).toEqual([
      { question: ['What is it?', 'Is it red?'], answer: [['net', 'nets'], ['yes']] },
      { question: ['And this?'], answer: [[]] },
    ]);
    expect([Object.values(splits)[0], rejected, format]).toEqual(['validation', {}, 'Questions and answers as in VQA']);
  });

  it('say what is missing where the questions are', async () => {
    const { rejected } = await readFiles({ ...pictures, 'annotations.json': annotations });
    expect(rejected['annotations.json']).toMatch(/answers by the numbers of their questions\. Add the file/);
  });
});

it('rows that name no picture are counted in one sentence, and left out', async () => {
  const { rejected, notes, fields } = await readFiles({
    ...picturesAt('0.jpg'),
    'q.jsonl': lines(
      { image: '0.jpg', question: 'red?', answer: 'yes' },
      { image: null, question: 'Who wrote it?', answer: 'Ann' },
      { question: 'When?', answer: 'then' },
    ),
  });
  expect(fields['0.jpg']).toEqual({ question: ['red?'], answer: [['yes']] });
  expect(rejected['q.jsonl']).toMatch(
    /^Row 2 names no picture in its column "image", nor do 1 more; they were left out/,
  );
  expect(notes).toEqual([
    expect.stringMatching(/^2 rows of q\.jsonl name no picture \(the first is row 2\) and were left out/),
  ]);
});
