import { tfjsWasm } from '../src/index.js';

// In a file of its own, as the wasm module is loaded once for each.
it('opening tfjs-wasm leaves the process its own handling of failures', async () => {
  const listeners = () =>
    ['uncaughtException', 'unhandledRejection'].map((event) => process.listenerCount(event));
  const mine = (): void => undefined;
  process.on('unhandledRejection', mine);
  const before = listeners();
  await tfjsWasm().open();
  expect(listeners()).toEqual(before);
  expect(process.listeners('unhandledRejection')).toContain(mine);
  process.removeListener('unhandledRejection', mine);
});
