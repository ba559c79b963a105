import {
  compileGame,
  startGame,
  stepGame,
  admissibleCommands,
  householdExpert,
  householdTasks,
} from '@spark-rl/env-alfworld';
import { sparkProtocol } from '@spark-rl/agent-protocol';
import { randomSource, treeId } from '@spark-rl/core';
import {
  trainTokenizer,
  loadTokenizer,
  decoderTransformer,
  initializeParameters,
  transformerPolicy,
} from '@spark-rl/transformer-policy';
import { batchSequences, defaultAdamW } from '@spark-rl/tensor';
import { onnxCpu } from '@spark-rl/tensor-onnx';
import { rolloutTrees } from '@spark-rl/tree-rollout';
const arg = (k: string, d: string) =>
  process.argv.find((a) => a.startsWith(k + '='))?.slice(k.length + 1) ?? d;
const rooms = arg('rooms', '') ? arg('rooms', '').split(',') : undefined;
const proto = sparkProtocol({ form: 'transcript', brief: false, instruction: false });
const src = householdTasks({ size: 'small', ...(rooms && { rooms }) } as never);
const N = +arg('n', '3000'),
  maxTurns = +arg('turns', '12');
const t0 = performance.now();
const sec = () => ((performance.now() - t0) / 1000).toFixed(1);
const expert = householdExpert({
  searchNoise: +arg('noise', '0.2'),
  wastedTurns: +arg('waste', '0.3'),
  reasoning: arg('reason', 'tracking') as never,
});
const eps: string[][] = [];
for (const task of src.tasks({ split: 'train', seed: 1, count: N })) {
  const g = compileGame(src.load(task));
  let { state, observation, done } = startGame(g);
  const s = expert.begin({
    instruction: observation.split('Your task is to: ')[1]!,
    key: ['e', task.id],
  });
  const ep = [observation];
  for (let t = 0; t < maxTurns && !done; t++) {
    const e = s.act(observation);
    ep.push(proto.render(e));
    ({ state, observation, done } = stepGame(state, e.action));
    ep.push(observation);
  }
  if (done) eps.push(ep);
}
console.log(sec(), 'episodes', eps.length);
const tok = loadTokenizer(
  trainTokenizer(eps.flat(), {
    vocabularySize: +arg('vocab', '1024'),
    specialTokens: ['<think>', '</think>', '<explore>', '</explore>', '<action>', '</action>'],
  }),
);
const rows = eps.map((ep) => {
  const tokens: number[] = [],
    targets: number[] = [];
  ep.slice(0, -1).forEach((x, i) => {
    if (i % 2 === 0) tokens.push(...tok.encode(`${i > 0 ? '\n' : ''}${x}\n`));
    else
      for (const id of [...tok.encode(x), tok.endOfSequence]) {
        targets.push(tokens.length);
        tokens.push(id);
      }
  });
  return { tokens: Int32Array.from(tokens), targets: Int32Array.from(targets) };
});
const V = tok.vocabularySize;
const config = {
  vocabularySize: V,
  contextLength: 768,
  layers: +arg('layers', '2'),
  width: +arg('width', '64'),
  heads: +arg('heads', '4'),
};
const model = decoderTransformer(config);
const engine = await onnxCpu().open();
const init = initializeParameters(config, ['s']);
const loss = {
  name: 'ce',
  parameters: model.parameters,
  inputs: {
    ...model.inputs,
    pr: { dtype: 'int32', shape: ['targets'] },
    tg: { dtype: 'int32', shape: ['targets'] },
    w: { dtype: 'float32', shape: ['targets'] },
  },
  run: (ops: any, p: any, x: any) => ({
    loss: ops.neg(
      ops.sum(
        ops.mul(
          x.w,
          ops.sum(
            ops.mul(ops.logSoftmax(model.logits(ops, p, x, x.pr)), ops.oneHot(x.tg, V)),
            [-1],
          ),
        ),
        [0],
      ),
    ),
    metrics: {},
  }),
};
const trainer = await engine.compileTraining(
  loss as never,
  { ...defaultAdamW, beta2: +arg('beta2', '0.99') },
  init,
);
const TOK = +arg('tokens', '4000000'),
  BT = +arg('bt', '8192'),
  LR = +arg('lr', '4e-3');
let done = 0,
  step = 0,
  ema = 0,
  epoch = 0;
const tS = performance.now();
outer: for (; ; epoch++) {
  const rnd = randomSource(['shuffle', epoch]);
  // buckets: sort chunks
  const order = rnd.shuffle(rows.map((_, i) => i));
  const shuffled = order.map((i) => rows[i]!);
  const batches = batchSequences(shuffled, { tokenBudget: BT, contextLength: 768 });
  for (const b of rnd.shuffle(batches)) {
    const n = b.positions.length;
    const w = new Float32Array(n);
    w.fill(1 / b.targetCount, 0, b.targetCount);
    const frac = done / TOK;
    const lr =
      LR * Math.min(1, (step + 1) / 50) * (0.1 + 0.9 * 0.5 * (1 + Math.cos(Math.PI * frac)));
    const r = await trainer.step(
      [
        {
          ...model.prepare(b.tokens, b.batch, b.time),
          pr: { dtype: 'int32', shape: [n], data: b.positions },
          tg: { dtype: 'int32', shape: [n], data: b.targetTokens },
          w: { dtype: 'float32', shape: [n], data: w },
        } as never,
      ],
      { learningRate: lr },
    );
    step++;
    done += b.rows.reduce((s, i) => s + shuffled[i]!.tokens.length, 0);
    ema = ema === 0 ? r.loss : 0.95 * ema + 0.05 * r.loss;
    if (step % 50 === 0)
      console.log(
        sec(),
        'step',
        step,
        'tokens',
        done,
        'loss',
        ema.toFixed(4),
        'tok/s',
        ((done / (performance.now() - tS)) * 1000).toFixed(0),
      );
    if (done >= TOK) break outer;
  }
}
const { snapshot } = { snapshot: await trainer.snapshot() };
import { writeFileSync } from 'node:fs';
const params = trainer.parameters();
const policy = transformerPolicy({
  engine,
  config,
  tokenizer: tok,
  parameters: params,
  version: 'w',
});
type S = { g: any; t: number };
const env = {
  id: 'alfworld',
  tasks: () => [],
  reset: (task: any) => {
    const s = startGame(compileGame(src.load(task)));
    return {
      state: { g: s.state, t: 0 },
      observation: s.observation,
      score: 0,
      status: 'running' as const,
      instruction: 'x',
    };
  },
  step: (s: S, a: string) => {
    const r = stepGame(s.g, a);
    return {
      state: { g: r.state, t: s.t + 1 },
      observation: r.observation,
      score: r.score,
      status: r.done ? ('success' as const) : ('running' as const),
    };
  },
  admissible: (s: S) => admissibleCommands(s.g),
};
const E = +arg('eval', '400');
const tasks = src.tasks({ split: 'valid_unseen', seed: 1000000, count: E });
for (const temperature of [1, 0.4]) {
  const t = performance.now();
  const before = policy.stats();
  const trees = await rolloutTrees({
    environment: env as never,
    policy,
    protocol: proto,
    brief: { world: '', actions: [] },
    roots: 1,
    maxTurns,
    sampling: { temperature, maxTokens: 64 },
    recordAdmissible: true,
    trees: tasks.map((task, i) => ({ task, treeId: treeId('t' + i), seed: ['ev', i] })),
  });
  const turns = trees.flatMap((x) => [...x.turns.values()]);
  const st = policy.stats();
  (globalThis as any).errs = trees.flatMap((x) => x.leaves.map((l) => l.error));
  const byKind: Record<string, number[]> = {};
  trees.forEach((x) =>
    (byKind[x.task.kind!] ??= []).push(+x.leaves.some((l) => l.outcome === 'success')),
  );
  console.log(
    sec(),
    'T',
    temperature,
    'success',
    trees.filter((x) => x.leaves.some((l) => l.outcome === 'success')).length / E,
    'turns',
    (turns.length / E).toFixed(1),
    'explore',
    (turns.filter((x) => x.response.mode === 'explore').length / turns.length).toFixed(3),
    'invalid',
    (turns.filter((x) => !x.response.valid).length / turns.length).toFixed(3),
    'unavail',
    (turns.filter((x) => x.admissible === false).length / turns.length).toFixed(3),
    'secs',
    ((performance.now() - t) / 1000).toFixed(1),
    'tok/s',
    (((st.generatedTokens - before.generatedTokens) / (performance.now() - t)) * 1000).toFixed(0),
    'failed',
    trees.filter((x) => x.leaves.some((l) => l.outcome === 'failed')).length,
    Object.entries(byKind)
      .map(([k, v]) => k.slice(0, 12) + ' ' + (v.reduce((a, b) => a + b, 0) / v.length).toFixed(2))
      .join(', '),
  );
}
console.log([...new Set(tasks.length ? (globalThis as any).errs : [])].slice(0, 3));
console.log('stats', policy.stats());
await policy.close();
await engine.dispose();
