/**
 * American spellings of British ones, as the treebank's tokenizer writes words before captions are compared: `grey` and `gray` are equal. Only words in
 * lower case are written anew.
 */

/** British spellings by how their end changes. Words with -our are told by a pattern. */
const endings: readonly (readonly [from: string, to: string, words: string])[] = [
  ['re', 'er', 'centre theatre fibre titre meagre'],
  ['res', 'ers', 'theatres fibres titres'],
  [
    'ise',
    'ize',
    'capitalise finalise localise maximise minimise modernise penalise popularise pressurise realise recognise',
  ],
  [
    'ised',
    'ized',
    'capitalised finalised localised maximised minimised modernised penalised popularised pressurised realised recognised',
  ],
  ['ising', 'izing', 'finalising maximising minimising modernising popularising pressurising realising recognising'],
  ['ises', 'izes', 'popularises pressurises realises recognises'],
  ['isation', 'ization', 'capitalisation organisation'],
  ['isations', 'izations', 'organisations'],
  ['yse', 'yze', 'analyse'],
  ['ysed', 'yzed', 'analysed'],
  ['ysing', 'yzing', 'analysing'],
  ['lled', 'led', 'cancelled labelled travelled'],
  ['lling', 'ling', 'cancelling labelling travelling'],
  ['ence', 'ense', 'defence'],
  ['ogue', 'og', 'analogue homologue'],
  ['ogues', 'ogs', 'analogues homologues'],
  ['nt', 'ned', 'leant learnt'],
  ['ise', 'ice', 'practise'],
  ['ised', 'iced', 'practised'],
  ['ourite', 'orite', 'favourite'],
  ['ourites', 'orites', 'favourites'],
  ['ourable', 'orable', 'honourable'],
  ['ourhood', 'orhood', 'neighbourhood'],
  ['ourhoods', 'orhoods', 'neighbourhoods'],
  [
    'oured',
    'ored',
    'armoured coloured discoloured endeavoured favoured flavoured honoured humoured laboured rumoured savoured',
  ],
  [
    'ouring',
    'oring',
    'colouring discolouring endeavouring favouring flavouring honouring humouring labouring rumouring savouring',
  ],
  ['grey', 'gray', 'grey'],
  ['kerb', 'curb', 'kerb'],
  ['oeuvre', 'euver', 'manoeuvre'],
  ['oeuvres', 'euvers', 'manoeuvres'],
  ['aesthetic', 'esthetic', 'anaesthetic'],
  ['aedia', 'edia', 'encyclopaedia'],
  ['aeric', 'eric', 'chimaeric'],
  ['oestrogen', 'estrogen', 'oestrogen'],
  ['oestrogens', 'estrogens', 'oestrogens'],
];

const spellings = new Map(
  endings.flatMap(([from, to, words]) =>
    words.split(' ').map((word) => [word, word.slice(0, word.length - from.length) + to] as const),
  ),
);

/** The American spelling of a word, or the word. Any word of six letters and more that ends in -our is taken for British, `contour` too. */
export function americanSpelling(word: string): string {
  const known = spellings.get(word);
  if (known !== undefined) return known;
  if (/programmes?$/.test(word)) return word.replace(/programme(s?)$/, 'program$1');
  if (/haem(?:at)?o/.test(word)) return word.replace(/haem(at)?o/g, 'hem$1o');
  if (word.endsWith('aemia')) return `${word.slice(0, -5)}emia`;
  if (/^[a-z]{3,}ours?$/.test(word) && !/glamour|de[tv]our/.test(word)) return word.replace(/our(s?)$/, 'or$1');
  return word;
}
