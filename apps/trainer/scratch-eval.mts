import { onnxCpu } from '@spark-rl/tensor-onnx';
import { openCheckpoints, readManifest } from '@spark-rl/run-store';
import { loadCheckpoint } from './src/pipeline/checkpoint.js';
import { evaluatePolicy } from './src/pipeline/evaluate.js';
import { openWorld } from './src/pipeline/world.js';
import { transformerPolicy } from '@spark-rl/transformer-policy';
const threads = +(process.argv[2] ?? '1');
const m = await readManifest('/tmp/runs/q2'); const config = m.config as never as any;
const ck = await loadCheckpoint(openCheckpoints('/tmp/runs/q2/checkpoints'), 'warmup', config.model);
const engine = await onnxCpu({ threads }).open();
const world = openWorld(config);
const params = engine.parameters(ck.model.parameters);
const policy = transformerPolicy({ engine, config: ck.model.config, tokenizer: ck.model.tokenizer, parameters: params, version: 'x', maxRows: +(process.argv[4] ?? 128) });
const n = +(process.argv[3] ?? '120');
const tasks = world.tasks('valid_unseen', 1000000, n);
for (let r = 0; r < 2; r++) {
const t = performance.now(); const b = policy.stats();
const e = await evaluatePolicy({ world, policy, tasks, temperature: 1, maxTurns: 12, maxResponseTokens: 48, key: ['e', r] });
const s = policy.stats(); const sec = (performance.now() - t) / 1000;
console.log('threads', threads, 'rows', n, 'sec', sec.toFixed(2), 'tok/s', ((s.generatedTokens - b.generatedTokens) / sec).toFixed(0), 'steps', s.decodeSteps - b.decodeSteps, 'ms/step', (sec * 1000 / (s.decodeSteps - b.decodeSteps)).toFixed(2), 'batch', s.meanDecodeBatch.toFixed(1), 'success', e.successes.filter(Boolean).length / n);
}
await policy.close(); await engine.dispose();
