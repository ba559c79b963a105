import preset from '../../jest.preset.js';

const { testEnvironmentOptions } = preset;

export default {
  ...preset,
  testEnvironmentOptions: {
    // d3-hierarchy's other form is ES modules, which Jest would have to translate.
    customExportConditions: ['umd', ...testEnvironmentOptions.customExportConditions],
  },
};
