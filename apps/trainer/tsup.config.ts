import { library } from '../../tools/tsup.base';

export default library({
  entry: ['src/bin.ts', 'src/index.ts'],
  format: ['esm'],
  platform: 'node',
  dts: { entry: 'src/index.ts' },
});
