import { defineConfig, type Options } from 'tsup';

/** One build recipe for every package: dual ESM/CJS, bundled typings, source maps, nothing minified. */
export const library = (overrides: Options = {}): ReturnType<typeof defineConfig> =>
  defineConfig({
    entry: ['src/index.ts'],
    format: ['esm', 'cjs'],
    target: 'node20',
    platform: 'neutral',
    tsconfig: 'tsconfig.build.json',
    dts: true,
    sourcemap: true,
    clean: true,
    treeshake: false,
    splitting: true,
    ...overrides,
  });
