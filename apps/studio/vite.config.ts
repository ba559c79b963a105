import { fileURLToPath, URL } from 'node:url';

import { defineConfig } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The page: one script and one style sheet, so that an export is one file. */
export default defineConfig({
  root: at('src/web'),
  base: './',
  publicDir: false,
  logLevel: 'warn',
  esbuild: { jsx: 'automatic', legalComments: 'eof' },
  build: {
    outDir: at('dist/web'),
    emptyOutDir: true,
    target: 'es2022',
    cssCodeSplit: false,
    modulePreload: false,
    reportCompressedSize: false,
    // Everything is inside the two files: the policy of the page lets nothing else in.
    assetsInlineLimit: 1_000_000,
    rollupOptions: { output: { inlineDynamicImports: true } },
  },
});
