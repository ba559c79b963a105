import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import * as jsoncParser from 'jsonc-eslint-parser';
import tseslint from 'typescript-eslint';

const sources = ['{packages,apps}/*/{src,tests,long-tests,examples}/**/*.{ts,tsx}'];

export default tseslint.config(
  {
    ignores: [
      '**/dist',
      '**/out-tsc',
      '**/coverage',
      '**/node_modules',
      '.nx',
      'docs/site',
      'runs',
    ],
  },
  js.configs.recommended,
  {
    files: sources,
    extends: [...tseslint.configs.recommendedTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      'no-console': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: sources,
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: true,
          banTransitiveDependencies: true,
          // Commands load the studio when they need it; what its browser tests are made with is no part of it.
          allow: ['@spark-rl/studio/testing'],
          // The one rule of the house: a package imports core (and tensor), never a sibling; apps import everything.
          depConstraints: [
            { sourceTag: 'layer:core', onlyDependOnLibsWithTags: ['layer:core'] },
            { sourceTag: 'layer:tensor', onlyDependOnLibsWithTags: ['layer:core', 'layer:tensor'] },
            {
              sourceTag: 'layer:package',
              onlyDependOnLibsWithTags: ['layer:core', 'layer:tensor'],
            },
            {
              sourceTag: 'layer:app',
              onlyDependOnLibsWithTags: [
                'layer:core',
                'layer:tensor',
                'layer:package',
                'layer:app',
              ],
            },
          ],
        },
      ],
    },
  },
  {
    files: ['packages/*/package.json'],
    languageOptions: { parser: jsoncParser },
    plugins: { '@nx': nx },
    rules: {
      'no-irregular-whitespace': 'off',
      'no-unused-expressions': 'off',
      '@nx/dependency-checks': [
        'error',
        {
          ignoredFiles: ['{projectRoot}/tests/**', '{projectRoot}/*.config.*'],
          // Optional peers of tensor-tfjs: imported by name at run time, when they are there.
          ignoredDependencies: ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'],
        },
      ],
    },
  },
  {
    files: [
      '**/{tests,long-tests}/**/*.ts',
      '**/examples/**/*.ts',
      '**/*.config.ts',
      'apps/**/*.{ts,tsx}',
    ],
    rules: {
      'no-console': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
    },
  },
  {
    files: ['**/{tests,long-tests}/**/*.ts'],
    rules: {
      'max-lines': 'off',
      // Jest's matchers (expect.any and friends) are typed as any.
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  // Tool configuration files sit outside every tsconfig: parsed, not type-checked.
  { files: ['**/*.config.ts', 'tools/**/*.ts'], languageOptions: { parser: tseslint.parser } },
  {
    files: ['**/*.js', '**/*.mjs', 'tools/**/*.ts'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        performance: 'readonly',
      },
    },
  },
  prettier,
);
