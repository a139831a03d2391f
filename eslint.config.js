import reactHooks from 'eslint-plugin-react-hooks';
import * as regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

/**
 * Folder of src/ → the other folders of src/ that it may import. `recipe` is pure, `engine` knows no model, no dataset and no page, and what
 * runs on the page reaches the worker's side only through `training/client` and what `protocol` says.
 */
const mayImport = {
  recipe: [],
  metrics: [],
  adviser: ['recipe', 'protocol', 'tasks'],
  storage: ['recipe'],
  engine: [],
  model: ['engine', 'storage'],
  dataset: ['recipe', 'storage', 'model'],
  tasks: ['recipe', 'metrics'],
  protocol: ['recipe', 'dataset', 'engine', 'model', 'tasks'],
  runs: ['recipe', 'storage', 'protocol', 'dataset', 'tasks'],
  export: ['recipe', 'protocol', 'model', 'runs', 'dataset', 'engine', 'tasks'],
  training: ['recipe', 'metrics', 'storage', 'protocol', 'tasks', 'dataset', 'model', 'engine', 'runs', 'export'],
  sweeps: ['recipe', 'storage', 'protocol', 'tasks', 'runs', 'training'],
  stores: ['recipe', 'storage', 'protocol', 'tasks', 'dataset', 'training', 'runs', 'sweeps', 'export', 'model'],
  components: ['recipe'],
  pages: [
    'stores',
    'adviser',
    'components',
    'recipe',
    'protocol',
    'tasks',
    'dataset',
    'runs',
    'sweeps',
    'training',
    'export',
    'model',
  ],
  offline: [],
  app: ['stores', 'components', 'pages', 'recipe', 'protocol', 'tasks', 'training', 'runs', 'sweeps', 'offline'],
};

/**
 * Room of src/training/ → the other rooms that it may import; what lies in none of them (`random`, `device-lock`, …) is for all. Tests look into
 * any room.
 */
const trainingRooms = {
  statistics: [],
  data: [],
  features: [],
  compute: ['features'],
  decoding: ['features'],
  tasks: ['statistics', 'data', 'features', 'decoding'],
  session: ['data', 'features', 'compute', 'tasks'],
  services: ['statistics', 'data', 'features', 'compute', 'tasks', 'session', 'decoding'],
  client: [],
};

const usesReact = new Set(['app', 'pages', 'components']);
const usesTensorFlow = new Set(['engine', 'model']);

/**
 * The rule on imports does not see `import()`, so the same paths are forbidden there by syntax. Selectors take no slash inside of a regex.
 *
 * @param {{ regex: string, message: string }} pattern
 */
const dynamicImport = ({ regex, message }) => ({
  selector: `ImportExpression > Literal[value=/${regex.replaceAll('/', '\\u002F')}/]`,
  message,
});

/** A path that is put together at run time could lead anywhere. */
const computedImport = {
  selector: 'ImportExpression > :not(Literal).source',
  message: 'The path of an import() is a plain string, so that it can be checked.',
};

/** An expression made of text from outside may take for ever, and what is written into one changes its meaning. */
const computedExpression = {
  selector: ':matches(NewExpression, CallExpression)[callee.name="RegExp"] > :not(Literal):first-child.arguments',
  message:
    'An expression that is put together at run time is checked by nobody. Compare strings, or write a literal. Where the text comes from this code alone, disable this with the reason.',
};

/**
 * What a folder may not import of its neighbours.
 *
 * @param {Record<string, string[]>} house folder → the neighbours that it may import
 * @param {string} folder
 * @param {string} place path of the house
 */
function neighbours(house, folder, place) {
  const allowed = house[folder] ?? [];
  const forbidden = Object.keys(house).filter((other) => other !== folder && !allowed.includes(other));
  return {
    regex: `^(\\.\\./)+(${forbidden.join('|')})(/|$)`,
    message: `${place}/${folder} may import only: ${[folder, ...allowed].join(', ')}.`,
  };
}

/**
 * @param {string} folder of src/
 * @param {{ regex: string, message: string }[]} further patterns that are forbidden as well
 */
function rulesOf(folder, further = []) {
  const patterns = [neighbours(mayImport, folder, 'src'), ...further];
  if (!usesReact.has(folder))
    patterns.push({ regex: '^react(-dom)?(/|$)', message: 'React stays in app, pages and components.' });
  if (!usesTensorFlow.has(folder)) {
    patterns.push({ regex: '^@tensorflow/', message: 'TensorFlow.js stays in engine and model.' });
  }
  return {
    '@typescript-eslint/no-restricted-imports': ['error', { patterns }],
    'no-restricted-syntax': ['error', ...patterns.map(dynamicImport), computedImport, computedExpression],
  };
}

const folderRules = [
  ...Object.keys(mayImport).map((folder) => ({
    files: [`src/${folder}/**/*.{ts,tsx}`],
    rules: rulesOf(folder),
  })),
  // Behind those of src/, whose rules they carry: of two settings of a rule, the later one counts.
  ...Object.keys(trainingRooms).map((room) => ({
    files: [`src/training/${room}/**/*.ts`],
    ignores: ['**/*.test.ts'],
    rules: rulesOf('training', [neighbours(trainingRooms, room, 'src/training')]),
  })),
];

export default tseslint.config(
  {
    ignores: [
      'assembly/',
      'dist/',
      'out/',
      'public/',
      'reference/',
      'node_modules/',
      'test-results/',
      'playwright-report/',
      '.*/',
    ],
  },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  reactHooks.configs.flat.recommended,
  {
    // No input, however it is made, holds up an expression: each takes time in proportion to what it is held against.
    files: ['src/**'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential' }],
    },
  },
  ...folderRules,
  { files: ['scripts/**', 'bench/**', 'e2e/**', '*.ts', '*.js'], rules: { 'no-console': 'off' } },
);
