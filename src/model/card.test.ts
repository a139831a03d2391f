import { describe, expect, it } from 'vitest';
import { licenseFile, licenseText, readModelCard } from './card';

const none = { licenses: [], licenseName: null, licenseLink: null };
const card = (front: string): string => `---\n${front}\n---\n# A model\n\nlicense: gpl-3.0\n`;

describe('readModelCard', () => {
  it.each([
    ['license: mit', ['mit']],
    ['license: "apache-2.0" # see LICENSE', ['apache-2.0']],
    ["license: 'cc-by-4.0'", ['cc-by-4.0']],
    ['language: en\nlicense:\n- mit\ntags: [a]', ['mit']],
    ['license:\n  - mit\n  - apache-2.0\n  - mit', ['mit', 'apache-2.0']],
    ['license: [mit, "bsd-3-clause"]', ['mit', 'bsd-3-clause']],
    ['license: >-\n  cc-by-nc-\n  4.0', ['cc-by-nc- 4.0']],
    ['license: no', ['no']],
    ['license: 1.0', ['1.0']],
    ['license: !!str mit', ['mit']],
    ['license: mit\nlicense: mit', ['mit']],
    ['license: mit\ntags: }{', ['mit']],
    ['license: "a\\x07b\\ud83e\\u2028c"', ['a b c']],
    ['license:', []],
    ['license: ""', []],
    ['license: null', []],
    ['license: ~', []],
    ['license: []', []],
    ['license: [null, mit, {a: b}]', ['mit']],
    ['license: {name: mit}', []],
    ['tags: [a]', []],
    ['- a list', []],
    ['text', []],
    ['', []],
  ])('%j gives %j', (front, licenses) => {
    expect(readModelCard(card(front))).toEqual({ ...none, licenses });
    expect(readModelCard(`\ufeff\n${card(front).replaceAll('\n', '\r\n')}`.slice(1)).licenses).toEqual(licenses);
  });

  it('reads the beginning of front matter that is very long', () => {
    const results = '- task: retrieval\n  value: 0.5\n'.repeat(20_000);
    expect(readModelCard(card(`license: mit\nmodel-index:\n${results}`)).licenses).toEqual(['mit']);
  });

  it('reads the name and the link of a licence of its own', () => {
    const own = readModelCard(card('license: other\nlicense_name: apple-amlr\nlicense_link: LICENSE'));
    expect(own).toEqual({ licenses: ['other'], licenseName: 'apple-amlr', licenseLink: 'LICENSE' });
    expect(licenseText(own)).toBe('other (apple-amlr)');
    expect(licenseText(none)).toBeNull();
    expect(licenseText({ ...none, licenses: ['mit', 'apache-2.0'] })).toBe('mit, apache-2.0');
  });

  it.each([
    ['no card', undefined],
    ['no front matter', '# A model\n\nlicense: mit\n'],
    ['front matter without end', '---\nlicense: mit\n'],
    ['front matter that begins late', '# A model\n---\nlicense: mit\n---\n'],
    ['YAML that is none', card('license: mit: mit\n\t]')],
    ['lists without end', card(`license: ${'['.repeat(16_000)}`)],
    ['tables as keys', card(`license: ${'{'.repeat(16_000)}`)],
    ['empty entries without end', card(`license: [${','.repeat(16_000)}`)],
    ['aliases that multiply', card(`a: &a [x, x]\nb: &b [*a, *a]\nlicense: {? [*b, *b] : *b}`)],
  ])('%s says nothing', (_, text) => {
    const begun = performance.now();
    expect(readModelCard(text)).toEqual(none);
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});

describe('licenseFile', () => {
  it.each([
    ['LICENSE', 'LICENSE'],
    ['./LICENSE.md', 'LICENSE.md'],
    ['LICENSE-2.0.txt', 'LICENSE-2.0.txt'],
    ['https://example.org/LICENSE', null],
    ['docs/LICENSE', null],
    ['../LICENSE', null],
    ['README.md', null],
    ['model.safetensors', null],
    ['config.json', null],
    [null, null],
  ])('of %j is %j', (licenseLink, file) => {
    expect(licenseFile({ ...none, licenseLink })).toBe(file);
  });
});
