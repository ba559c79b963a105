import {
  compileGame,
  startGame,
  stepGame,
  admissibleCommands,
  householdExpert,
  householdTasks,
} from '@spark-rl/env-alfworld';
import { sparkProtocol } from '@spark-rl/agent-protocol';
import { trainTokenizer, loadTokenizer } from '@spark-rl/transformer-policy';
const proto = sparkProtocol({ form: 'transcript', brief: false, instruction: false });
const rooms = process.argv[2] ? process.argv[2].split(',') : undefined;
const src = householdTasks({ size: 'small', ...(rooms && { rooms }) } as never);
const N = 600;
const t0 = performance.now();
const tasks = src.tasks({ split: 'train', seed: 1, count: N });
console.log('tasks', performance.now() - t0);
const expert = householdExpert({
  searchNoise: +(process.argv[3] ?? 0.2),
  wastedTurns: +(process.argv[4] ?? 0.3),
  reasoning: (process.argv[5] ?? 'tracking') as never,
});
const texts: string[] = [];
let wins = 0,
  turns = 0,
  expl = 0;
const eps: string[][] = [];
const lens: number[] = [];
for (const task of tasks) {
  const g = compileGame(src.load(task));
  let { state, observation, done } = startGame(g);
  const ins = observation.split('Your task is to: ')[1]!;
  const s = expert.begin({ instruction: ins, key: ['e', task.id] });
  const ep = [observation];
  let t = 0;
  for (; t < 12 && !done; t++) {
    const e = s.act(observation);
    if (e.mode === 'explore') expl++;
    turns++;
    ep.push(proto.render(e));
    ({ state, observation, done } = stepGame(state, e.action));
    ep.push(observation);
  }
  if (done) {
    wins++;
    eps.push(ep);
    lens.push(t);
  }
  texts.push(...ep);
}
console.log(
  'play',
  performance.now() - t0,
  'ms for',
  N,
  'wins',
  wins / N,
  'turns',
  turns / N,
  'explore',
  expl / turns,
  'mean win len',
  lens.reduce((a, b) => a + b, 0) / lens.length,
);
console.log(eps[0]!.join('\n'), '\n-----\n', eps[5]!.join('\n'));
const t1 = performance.now();
const tok = loadTokenizer(
  trainTokenizer(texts, {
    vocabularySize: 1024,
    specialTokens: ['<think>', '</think>', '<explore>', '</explore>', '<action>', '</action>'],
  }),
);
console.log('tokenizer', performance.now() - t1, tok.vocabularySize);
const L = eps.map((e) => e.map((x) => tok.encode(x).length));
const mean = (a: number[]) => a.reduce((x, y) => x + y, 0) / a.length;
console.log(
  'intro tokens',
  mean(L.map((l) => l[0]!)),
  'response',
  mean(L.flatMap((l) => l.filter((_, i) => i % 2 === 1))),
  'obs',
  mean(L.flatMap((l) => l.filter((_, i) => i % 2 === 0 && i > 0))),
  'total',
  mean(L.map((l) => l.reduce((a, b) => a + b, 0))),
  'max',
  Math.max(...L.map((l) => l.reduce((a, b) => a + b, 0))),
);
console.log('encode', performance.now() - t1);
