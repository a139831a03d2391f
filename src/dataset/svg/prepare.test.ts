import { describe, expect, it } from 'vitest';
import { makePng } from '../testing/pictures';
import { readImageInfo } from '../image-info';
import { prepareSvg } from './prepare';

const svg = (content: string, attributes = 'viewBox="0 0 10 10"', before = ''): string =>
  `${before}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${content}</svg>`;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What the browser gets, without the root element's tags. */
function drawn(source: string | Uint8Array): string {
  const prepared = prepareSvg(typeof source === 'string' ? bytes(source) : source, 64, 64);
  const text = new TextDecoder().decode(prepared);
  expect(text).toMatch(/^<svg [^>]*width="64" height="64"/);
  return text.slice(text.indexOf('>') + 1, text.lastIndexOf('</svg>'));
}

/** Elements that refer to the element before, ten times each. */
const tower = (levels: number, wrap: (content: string, level: number) => string, leaf: string): string =>
  Array.from({ length: levels }, (_, level) =>
    wrap(level === 0 ? leaf : `<use href="#l${level - 1}"/>`.repeat(10), level),
  ).join('');

describe('what draws', () => {
  it('stays as it was', () => {
    const content = '<g fill="url(#a)"><path d="M0 0L9 9"/><text x="1">A &amp; B</text></g>';
    expect(drawn(svg(content))).toBe(content);
  });

  it('keeps the parts that others repeat', () => {
    const emoji = '<defs><circle id="eye" r="1"/></defs><use xlink:href="#eye" x="3"/><use href="#eye" x="6"/>';
    expect(drawn(svg(emoji))).toBe(emoji.replace('xlink:', ''));
  });

  it('measures in what the root says', () => {
    const text = new TextDecoder().decode(prepareSvg(bytes(svg('<g/>', 'width="20" height="10"')), 512, 256));
    expect(text).toContain('width="512" height="256" viewBox="0 0 20 10"');
    expect(readImageInfo(bytes(text))).toEqual({ type: 'image/svg+xml', width: 512, height: 256 });
  });

  it('is read from files as drawing programs write them', () => {
    const inkscape = svg(
      '<sodipodi:namedview/><metadata><rdf:RDF/></metadata><rect inkscape:label="a" width="1"/>',
      'xmlns:sodipodi="http://s" xmlns:rdf="http://r" xmlns:inkscape="http://i"',
      '<?xml version="1.0" encoding="UTF-8"?>\n<!-- a > b -->\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n',
    );
    expect(drawn(inkscape)).toBe('<rect width="1"/>');
    const illustrator = svg(
      '<switch><foreignObject requiredExtensions="&ns_ai;"/><g i:extraneous="self"><rect width="1"/></g></switch>',
      'xmlns:x="&ns_x;" xmlns:i="&ns_ai;"',
      `<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd" [
        <!ENTITY ns_ai "http://ns.adobe.com/AdobeIllustrator/10.0/">
        <!ENTITY ns_x 'http://ns.adobe.com/Extensibility/1.0/'>
      ]>`,
    );
    expect(drawn(illustrator)).toBe('<switch><g><rect width="1"/></g></switch>');
    expect(drawn(`<svg:svg xmlns:svg="http://www.w3.org/2000/svg"><svg:rect/></svg:svg>`)).toBe('<rect/>');
    expect(drawn(`<svg viewBox="0 0 1 1"><use xlink:href="#a"/></svg>`)).toBe('<use href="#a"/>');
  });

  it('is read in the encoding that the file names', () => {
    const latin = svg('<text>é</text>', '', '<?xml version="1.0" encoding="iso-8859-1"?>');
    expect(drawn(Uint8Array.from(latin, (character) => character.charCodeAt(0)))).toBe('<text>é</text>');
    const wide = Uint8Array.from(
      [...`\uFEFF${svg('<text>é</text>')}`].flatMap((c) => [c.charCodeAt(0) & 255, c.charCodeAt(0) >> 8]),
    );
    expect(drawn(wide)).toBe('<text>é</text>');
  });

  it('includes embedded pictures that would be taken by themselves', () => {
    const png = `data:image/png;base64,${Buffer.from(makePng(1, 4, 4)).toString('base64')}`;
    expect(drawn(svg(`<image href="${png}"/>`))).toBe(`<image href="${png}"/>`);
  });
});

describe('what does not draw', () => {
  it.each([
    ['scripts', '<script>alert(1)</script>', ''],
    ['handlers', '<rect onclick="a()" onload="b()"/>', '<rect/>'],
    [
      'foreign content',
      '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><iframe/></body></foreignObject>',
      '',
    ],
    ['animation', '<rect><animate attributeName="x" dur="1ms" repeatCount="indefinite"/></rect>', '<rect/>'],
    ['pictures from elsewhere', '<image xlink:href="http://127.0.0.1/leak"/>', '<image/>'],
    ['parts of other files', '<use href="other.svg#a"/>', '<use/>'],
    ['content of other namespaces', '<x:rect xmlns:x="http://x"><rect/></x:rect><g/>', '<g/>'],
    ['instructions', '<?xml-stylesheet href="http://127.0.0.1/leak"?><g/>', '<g/>'],
  ])('is left out: %s', (_, content, expected) => {
    expect(drawn(svg(content))).toBe(expected);
  });

  it('is limited: octaves of noise that nobody sees', () => {
    const noise = '<filter><feTurbulence numOctaves="9999"/></filter>';
    expect(drawn(svg(noise))).toBe(noise.replace('9999', '9'));
  });
});

/** Hostile files with the words of their refusal. Each is refused within a moment. */
const refused: readonly (readonly [name: string, source: string, reason: RegExp])[] = [
  [
    'brackets in the document type',
    `<!DOCTYPE svg ${'[]'.repeat(100_000)}\n<svg xmlns="http://www.w3.org/2000/svg"/`,
    /damaged/,
  ],
  ['a cut file', '<svg xmlns="http://www.w3.org/2000/svg"><rect', /damaged/],
  [
    'an entity a thousand times',
    svg(`<text>${'&a;'.repeat(10_000)}</text>`, '', `<!DOCTYPE svg [<!ENTITY a "${'x'.repeat(10_000)}">]>`),
    /entity/,
  ],
  [
    'a short entity very often',
    svg(`<text>${'&a;'.repeat(10_000)}</text>`, '', `<!DOCTYPE svg [<!ENTITY a "${'x'.repeat(400)}">]>`),
    /expand to too much/,
  ],
  [
    'entities of entities',
    svg('<text>&b;</text>', '', '<!DOCTYPE svg [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]>'),
    /entity/,
  ],
  ['an entity with markup', svg('&a;', '', '<!DOCTYPE svg [<!ENTITY a "<rect/>">]>'), /entity/],
  ['an entity from elsewhere', svg('&a;', '', '<!DOCTYPE svg [<!ENTITY a SYSTEM "http://127.0.0.1/leak">]>'), /entity/],
  ['unfinished entities', `<!DOCTYPE svg [${'<!ENTITY a "'.repeat(100_001)}]>${svg('')}`, /damaged/],
  ['uses of uses', svg(tower(7, (content, level) => `<g id="l${level}">${content}</g>`, '<rect/>')), /too long/],
  [
    'symbols of symbols',
    svg(tower(7, (content, level) => `<symbol id="l${level}">${content}</symbol>`, '<rect/>')),
    /too long/,
  ],
  [
    'patterns of patterns',
    svg(
      `${tower(7, (content, level) => `<pattern id="l${level}">${content}</pattern>`, '<rect/>').replaceAll(/<use href="(#l\d)"\/>/g, '<rect fill="url($1)"/>')}<rect fill="url(#l6)"/>`,
    ),
    /too long/,
  ],
  [
    'masks of masks',
    svg(
      tower(6, (content, level) => `<mask id="l${level}">${content}</mask>`, '<rect/>').replaceAll(
        /<use href="(#l\d)"\/>/g,
        `<rect style="mask: url('$1')"/>`,
      ),
    ),
    /too long/,
  ],
  [
    'markers at each corner',
    svg(
      `<marker id="m">${'<circle r="1"/>'.repeat(100)}</marker><path marker-mid="url(#m)" d="${'L1 1'.repeat(10_000)}"/>`,
    ),
    /too long/,
  ],
  [
    'gradients in a long chain',
    svg(
      `${Array.from({ length: 400 }, (_, i) => `<linearGradient id="g${i}" href="#g${i - 1}"/>`).join('')}${'<rect fill="url(#g399)"/>'.repeat(2_000)}`,
    ),
    /too long/,
  ],
  [
    'a filter of doubling steps',
    svg(
      `<filter id="f"><feOffset result="r0"/>${Array.from({ length: 30 }, (_, i) => `<feBlend in="r${i}" in2="r${i}" result="r${i + 1}"/>`).join('')}</filter><rect filter="url(#f)"/>`,
    ),
    /too long/,
  ],
  [
    'very many blurs',
    svg(`<filter id="f"><feGaussianBlur stdDeviation="40"/></filter>${'<rect filter="url(#f)"/>'.repeat(5_000)}`),
    /too long/,
  ],
  [
    'a style sheet that blurs everything',
    svg(`<style>rect { filter: url(#f) }</style><filter id="f"><feGaussianBlur/></filter>${'<rect/>'.repeat(5_000)}`),
    /too long/,
  ],
  [
    'many rules for many elements',
    svg(`<style>${'g g g rect:nth-child(3n) {fill: red}'.repeat(3_000)}</style>${'<g><rect/></g>'.repeat(3_000)}`),
    /too long/,
  ],
  [
    'properties that double',
    svg(
      `<style>svg{--a0:x;${Array.from({ length: 30 }, (_, i) => `--a${i + 1}: var(--a${i})var(--a${i});`).join('')}}</style>`,
    ),
    /properties of each other/,
  ],
  ['see-through groups', svg('<g opacity=".9"><rect/><rect/></g>'.repeat(10_000)), /too long/],
  ['a part within itself', svg('<g id="a"><use href="#a"/></g>'), /refers to itself/],
  ['deep nesting', svg('<g>'.repeat(100_000) + '</g>'.repeat(100_000)), /nested over 250 deep/],
  [
    'deep references',
    svg(
      tower(
        1_000,
        (content, level) => `<g id="l${level}">${content.slice(0, content.indexOf('/>') + 2)}</g>`,
        '<rect/>',
      ),
    ),
    /refer to each other over 500 deep/,
  ],
  ['a million elements', svg('<g/>'.repeat(1_000_000)), /over 200,000 elements/],
  ['a million letters', svg(`<text>${'word '.repeat(400_000)}</text>`), /too long/],
  [
    'an SVG in an SVG',
    svg(`<image href="data:image/svg+xml,${encodeURIComponent(svg('<g/>'))}"/>`),
    /another SVG is embedded/,
  ],
  [
    'a style sheet of opening braces',
    svg(`<style>${'{'.repeat(500_000)}${'url('.repeat(500_000)}</style><g id="a"><use href="#a"/></g>`),
    /refers to itself/,
  ],
  ['another root', '<html xmlns="http://www.w3.org/1999/xhtml"/>', /not an SVG element/],
];

/** Milliseconds that no refusal takes on a slow machine; what blows up takes for ever. */
const patience = 20_000;

it.each(refused)('is refused without drawing: %s', (_, source, reason) => {
  const content = bytes(source);
  const began = performance.now();
  expect(() => prepareSvg(content, 512, 512)).toThrow(reason);
  expect(performance.now() - began).toBeLessThan(patience);
});

it('takes a nominal size for the drawing that no arithmetic can break', () => {
  for (const size of [
    'width="1e300" height="1e-300"',
    'width="1e308" viewBox="0 0 1e308 1e-300"',
    'width="-1" viewBox="0 0 0 0"',
  ]) {
    const { width, height } = readImageInfo(bytes(svg('', size)));
    expect([width, height]).toEqual([512, 512]);
  }
});

it('looks for the root element in time proportional to what stands before it', () => {
  const began = performance.now();
  const sources = ['[]', '<!--', '<?a ', '<!ENTITY a "', '[<!--', "'", ' '].map(
    (part) => `<!DOCTYPE svg ${part.repeat(20_000)}`,
  );
  for (const source of sources) expect(() => readImageInfo(bytes(source))).toThrow(/no picture that Vernier knows/);
  expect(performance.now() - began).toBeLessThan(patience);
});
