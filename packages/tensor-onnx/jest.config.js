import preset from '../../jest.preset.js';

export default { ...preset, testEnvironment: './tests/shared-arrays-environment.mjs' };
