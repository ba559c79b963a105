export { exportedPage } from './server/export-html.js';
export type { CreditRule } from './server/credits.js';
export { openLibrary, type Library, type LibraryOptions } from './server/library.js';
export type { Asset } from './server/request-handler.js';
export { serveStudio, type RunningStudio } from './server/serve.js';
export type { TokenDecoder } from './server/turn-detail.js';
export { loadAssets } from './server/web-assets.js';
