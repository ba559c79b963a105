import { library } from '../../tools/tsup.base';

export default library();
