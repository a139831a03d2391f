import { describe, expect, test } from 'vitest';
import { openArchitecture } from '..';
import { parameterCount } from '../../architecture';

/** What the files of Salesforce's models say, whose other entries are the defaults. */
const base = {
  model_type: 'blip',
  text_config: { num_attention_heads: 12, eos_token_id: 2 },
  vision_config: { image_size: 384 },
};

const open = (config: object) => openArchitecture({ ...base, ...config });
const sizeOf = ({ groups }: ReturnType<typeof open>): number =>
  groups.reduce((sum, group) => sum + parameterCount(group), 0);

describe('configuration of BLIP', () => {
  test('captions: parameters, tokens and parts of blip-image-captioning-base', () => {
    const model = open({ architectures: ['BlipForConditionalGeneration'] });
    if (model.kind !== 'generator') throw new Error('It writes words.');
    expect(sizeOf(model)).toBe(223_971_644);
    expect(model.special).toEqual({ begin: 30522, end: 102, pad: 0, question: 30523 });
    expect(model.tasks).toEqual(['captioning']);
    expect(Object.keys(model.towers)).toEqual(['vision', 'decoder']);
    expect(model.image).toEqual({ side: 384, patch: 16, pixels: 384 });
  });

  test('answers: an encoder of questions stands between picture and decoder', () => {
    const model = open({ architectures: ['BlipForQuestionAnswering'] });
    expect(sizeOf(model)).toBe(361_230_140);
    expect(model.tasks).toEqual(['captioning', 'answering']);
    expect(Object.values(model.towers).map(({ label }) => label)).toEqual([
      'Image tower',
      'Question encoder',
      'Text decoder',
    ]);
  });

  test('heads that the file does not give are those of Transformers, and that is said', () => {
    const notes = (config: object) => open(config).textNotes(undefined as never);
    expect(notes({})).toEqual([]);
    expect(notes({ text_config: {} })[0]).toMatch(/8, as Transformers assumes.*Salesforce have 12/);
    expect(notes({ text_config: { num_attention_heads: 12, hidden_dropout_prob: 0.1 } })[0]).toMatch(
      /trains without it/,
    );
  });

  test.each([
    ['a retrieval model', { architectures: ['BlipForImageTextRetrieval'] }, /tells whether words fit a picture/],
    ['one without a decoder', { architectures: ['BlipModel'] }, /without a decoder/],
    ['BLIP-2', { model_type: 'blip-2' }, /BLIP-2, which writes captions by a language model/],
    ['its text model alone', { model_type: 'blip_text_model' }, /one tower of a BLIP model/],
    ['heads that do not fit', { text_config: { num_attention_heads: 7 } }, /text_config.*multiple of num_attention/],
    ['a token beyond the table', { text_config: { vocab_size: 30522 } }, /must be below vocab_size/],
    ['an encoder', { text_config: { is_decoder: false } }, /is_decoder.*nothing to write about/],
    ['a table of its own', { tie_word_embeddings: false }, /table of its own/],
    [
      'questions of another width',
      { architectures: ['BlipForQuestionAnswering'], text_config: { hidden_size: 384 } },
      /questions of width 384 with weights for width 768/,
    ],
  ])('%s is refused with the reason', (_, config, message) => {
    expect(() => open(config)).toThrow(message);
  });
});
