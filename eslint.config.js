import boundaries from 'eslint-plugin-boundaries';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** Folder → the folders it may lean on. `recipe` is pure, `engine` knows no model, no dataset and no page. */
const mayImport = {
  recipe: [],
  storage: ['recipe'],
  engine: [],
  model: ['engine', 'storage'],
  dataset: ['recipe', 'storage'],
  runs: ['recipe', 'storage', 'training', 'dataset'],
  export: ['recipe', 'storage', 'model', 'runs', 'training', 'dataset', 'engine'],
  training: ['recipe', 'storage', 'dataset', 'model', 'engine', 'runs', 'export'],
  stores: ['recipe', 'storage', 'dataset', 'training', 'runs', 'export', 'model'],
  components: ['recipe'],
  pages: ['stores', 'components', 'recipe', 'dataset', 'runs', 'training', 'export', 'model'],
  app: ['stores', 'components', 'pages', 'recipe', 'training'],
};

export default tseslint.config(
  {
    ignores: ['dist/', 'out/', 'public/', 'reference/', 'node_modules/', 'test-results/', 'playwright-report/', '.*/'],
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
  {
    files: ['src/**/*.{ts,tsx}'],
    plugins: { boundaries, 'react-hooks': reactHooks },
    settings: {
      'import/resolver': { typescript: { alwaysTryTypes: true } },
      'boundaries/elements': Object.keys(mayImport).map((type) => ({ type, pattern: `src/${type}` })),
    },
    rules: {
      ...reactHooks.configs.recommended.rules,
    },
  },
  { files: ['scripts/**', 'bench/**', 'e2e/**', '*.ts', '*.js'], rules: { 'no-console': 'off' } },
);
