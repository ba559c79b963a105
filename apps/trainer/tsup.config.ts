import { library } from '../../tools/tsup.base';

export default library({ entry: ['src/bin.ts'], format: ['esm'], platform: 'node', dts: false });
