export { defineConfig, type UserConfig } from './config/define-config.js';
export type { TrainConfig } from './config/schema.js';
