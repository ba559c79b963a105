import preset from '../../jest.preset.js';

export default {
  ...preset,
  transform: {
    ...preset.transform,
    // hyparquet and its writer are ES modules, which Jest cannot require as they are.
    '[/\\\\]hyparquet(-writer)?[/\\\\].+\\.js$': Object.values(preset.transform)[0],
  },
  transformIgnorePatterns: ['/node_modules/(?!hyparquet)'],
};
