import { onnxCpu } from '@spark-rl/tensor-onnx';
import { openCheckpoints, readManifest } from '@spark-rl/run-store';
import { loadCheckpoint } from './src/pipeline/checkpoint.js';
import { openWorld } from './src/pipeline/world.js';
import { transformerPolicy } from '@spark-rl/transformer-policy';
import { rolloutTrees } from '@spark-rl/tree-rollout';
import { treeId } from '@spark-rl/core';
const [run, name, T] = process.argv.slice(2) as [string, string, string];
const m = await readManifest(run); const config = m.config as never as any;
const ck = await loadCheckpoint(openCheckpoints(run + '/checkpoints'), name, config.model);
const engine = await onnxCpu().open(); const world = openWorld(config);
const policy = transformerPolicy({ engine, config: ck.model.config, tokenizer: ck.model.tokenizer, parameters: engine.parameters(ck.model.parameters), version: 'x' });
const tasks = world.tasks('valid_unseen', 1000000, 12);
const trees = await rolloutTrees({ environment: world.environment, policy, protocol: world.protocol, brief: world.brief, roots: 1, maxTurns: config.environment.maxTurns, recordAdmissible: true, sampling: { temperature: +T, maxTokens: 48 }, trees: tasks.map((task, i) => ({ task, treeId: treeId('e' + i), seed: [i] })) });
for (const t of trees) { console.log('=====', t.task.kind, t.leaves[0]!.outcome, '\n', String(t.observation).split('\n').slice(2).join(' ')); for (const x of t.turns.values()) console.log('  ', x.admissible ? ' ' : '!', x.generation.text, '=>', x.next.observation); }
await policy.close(); await engine.dispose();
