import { library } from '../../tools/tsup.base';

export default library({
  entry: ['src/index.ts', 'src/endpoint/index.ts', 'src/replay/index.ts', 'src/testing/index.ts'],
});
