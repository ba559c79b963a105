import { engineProviders } from '../../apps/trainer/src/engines.js';
import { measureEngine, type EngineSpeed } from '../../apps/trainer/src/engine-speed.js';
import { benchRow, type BenchRow } from './report.js';

const PEER = 'tfjs-wasm';

/** A training step and decoding of the same small transformer on every engine that loads. */
export async function benchEngines(): Promise<readonly BenchRow[]> {
  const speeds = new Map<string, EngineSpeed>();
  for (const provider of engineProviders()) {
    try {
      const engine = await provider.open();
      speeds.set(engine.id, await measureEngine(engine, { seconds: 10 }));
      await engine.dispose();
    } catch (cause) {
      console.log(
        `${provider.id} is left out: ${cause instanceof Error ? cause.message : String(cause)}`,
      );
    }
  }
  console.log();
  const peer = speeds.get(PEER);
  if (peer === undefined)
    throw new Error(`the peer ${PEER} does not load, so there is nothing to compare with`);
  return [...speeds].flatMap(([id, speed]) => [
    benchRow({
      metric: `${id} training step`,
      value: speed.trainingStepMs,
      unit: 'ms',
      better: 'lower',
      peer: PEER,
      peerValue: peer.trainingStepMs,
    }),
    benchRow({
      metric: `${id} decode`,
      value: speed.decodedTokensPerSecond,
      unit: 'tokens/s',
      better: 'higher',
      peer: PEER,
      peerValue: peer.decodedTokensPerSecond,
    }),
  ]);
}
