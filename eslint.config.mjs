import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    // A driver writer's own file, in JavaScript, belongs to no project of TypeScript.
    ignores: [
      'dist/',
      'docs/',
      'coverage/',
      'node_modules/',
      'eslint.config.mjs',
      '.dependency-cruiser.cjs',
      'test/examples/**/*.js',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // The guard of MaySleep: a wait that was forgotten.
      '@typescript-eslint/no-floating-promises': ['error', { checkThenables: false }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      // `number | void` is what a kernel callback gives: nothing means 0.
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // What a driver throws is passed on as it is.
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // Kernel joins KernelCore with its functions and adds nothing that a user sees.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      'max-len': ['error', { code: 120, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true }],
      'max-lines': ['error', { max: 500 }],
      'max-lines-per-function': ['error', { max: 80, skipComments: true, skipBlankLines: true }],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
    },
  },
  {
    files: ['test/**/*.test.ts'],
    rules: {
      // A test that looks at the clock fails on a slow machine.
      'no-restricted-globals': ['error', 'Date', 'performance', 'setTimeout', 'setInterval'],
      'no-restricted-properties': ['error', { object: 'process', property: 'hrtime' }],
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.property.name='timeout']",
          message: 'The limit for all tests is in .mocharc.json: generous, for slow machines.',
        },
      ],
    },
  },
);
