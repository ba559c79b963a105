/** Shared Jest settings: every package's jest.config.js spreads this. @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: {
    // Resolve workspace packages to their TypeScript source, exactly as tsc does (no build needed).
    customExportConditions: ['@spark-rl/source', 'node', 'node-addons', 'require', 'default'],
  },
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  // Nx already runs two projects at a time; more workers only fight for the same cores.
  maxWorkers: 1,
  // No test is about time: on a busy machine a thousand random trees may take long.
  testTimeout: 120_000,
  transform: {
    '^.+\\.[cm]?tsx?$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'commonjs' },
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      },
    ],
  },
  // Source imports say './x.js' (NodeNext); on disk it is './x.ts'.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  coverageProvider: 'v8',
};
