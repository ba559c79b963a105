import { library } from '../../tools/tsup.base';

// vite is asked for only where the page is built from source, and is not installed elsewhere.
export default library({ format: ['esm'], platform: 'node', external: ['vite'] });
