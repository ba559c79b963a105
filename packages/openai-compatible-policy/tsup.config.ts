import { library } from '../../tools/tsup.base';

export default library({ entry: ['src/index.ts', 'src/testing/index.ts'] });
