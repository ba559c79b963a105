import preset from '../../jest.preset.js';

/** Soak, kill and scale suites: `npm run test:long` at the root. */
export default { ...preset, testMatch: ['<rootDir>/long-tests/**/*.test.ts'] };
