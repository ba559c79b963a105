import { loadavg } from 'node:os';

import { onnxCpu } from '@spark-rl/tensor-onnx';
import { tfjsWasm } from '@spark-rl/tensor-tfjs';

import { engineDecoding, torchDecoding } from './engines/decode.js';
import { countPrefill } from './engines/prefill.js';
import {
  blasPeer,
  engineSteps,
  flopsOf,
  proofTokens,
  stepProducts,
  torchSteps,
} from './engines/proof-step.js';
import type { Round } from './engines/python-peer.js';
import { benchTreeTraining } from './engines/tree-training.js';
import { median } from './measure.js';
import { benchRow, type BenchRow } from './report.js';

/** How many times the least possible, PyTorch's, or the cached share a figure may be; for decoding, at least. */
const LIMITS = { blas: 1.7, pytorch: 1.15, decodeOverWasm: 6, prefill: 1 / 1.5 };
const WARM_UP = 2;

/** Something that does the same work over and over. */
interface Contender {
  readonly name: string;
  readonly round: () => Promise<Round>;
  readonly close: () => unknown;
}

const named = (name: string, rounds: Omit<Contender, 'name'> | undefined): readonly Contender[] =>
  rounds === undefined ? [] : [{ name, round: rounds.round, close: rounds.close }];

/** Lets contenders work in turn, so that what else happens on the machine meets all of them; the first rounds do not count. */
async function inTurn(
  contenders: readonly Contender[],
  rounds: number,
): Promise<ReadonlyMap<string, readonly Round[]>> {
  const done = new Map<string, Round[]>(contenders.map(({ name }) => [name, []]));
  for (let i = 0; i < rounds; i++) {
    for (const { name, round } of contenders) done.get(name)!.push(await round());
  }
  for (const { close } of contenders) await close();
  return new Map([...done].map(([name, list]) => [name, list.slice(WARM_UP)]));
}

/**
 * Processor time where one thread works: it is what the clock would show on a quiet machine, and neighbours change it little. With two threads
 * only the clock shows what they gain.
 */
const timeOf = (threads: number) =>
  threads === 1
    ? ({ of: ({ cpuMs }: Round) => cpuMs, name: '1 thread, processor time' } as const)
    : ({ of: ({ wallMs }: Round) => wallMs, name: `${threads} threads, clock` } as const);

async function benchTraining(threads: number): Promise<readonly BenchRow[]> {
  const time = timeOf(threads);
  const engine = await onnxCpu({ threads }).open();
  const wasm = await tfjsWasm().open();
  const done = await inTurn(
    [
      ...named('onnx', await engineSteps(engine)),
      ...named('blas limit', await blasPeer(threads)),
      ...named('pytorch', await torchSteps(threads)),
    ],
    14,
  );
  const slow =
    threads === 1
      ? await inTurn(named('tfjs-wasm', await engineSteps(wasm)), WARM_UP + 2)
      : new Map<string, readonly Round[]>();
  await engine.dispose();
  await wasm.dispose();
  const value = median(done.get('onnx')!.map(time.of));
  const row = (peer: string, rounds: readonly Round[] | undefined, most?: number): BenchRow[] => {
    if (rounds === undefined) return [];
    const peerValue = median(rounds.map(time.of));
    const limit = threads === 1 && most !== undefined ? { limit: most * peerValue } : {};
    const metric = `onnx training step (${time.name})`;
    return [benchRow({ metric, value, unit: 'ms', better: 'lower', peer, peerValue, ...limit })];
  };
  const lastLoss = (name: string): number | undefined => done.get(name)?.at(-1)?.loss;
  const [ours, theirs] = [lastLoss('onnx')!, lastLoss('pytorch')];
  console.log(
    `training, ${threads === 1 ? '1 thread' : `${threads} threads`}: ${Math.round((1000 * proofTokens) / value).toLocaleString('en-US')} tokens/s; ` +
      `loss ${ours.toFixed(5)} after 14 steps${theirs === undefined ? '' : `, PyTorch's ${theirs.toFixed(5)}`}`,
  );
  return [
    ...row('blas limit', done.get('blas limit'), LIMITS.blas),
    ...row('pytorch', done.get('pytorch'), LIMITS.pytorch),
    ...row('tfjs-wasm', slow.get('tfjs-wasm')),
  ];
}

async function benchDecoding(threads: number): Promise<readonly BenchRow[]> {
  const time = timeOf(threads);
  const engine = await onnxCpu({ threads }).open();
  const wasm = await tfjsWasm().open();
  const done = await inTurn(
    [
      ...named('onnx', await engineDecoding(engine)),
      ...named('tfjs-wasm decode', threads === 1 ? await engineDecoding(wasm) : undefined),
      ...named('pytorch with a KV cache', await torchDecoding(threads)),
    ],
    8,
  );
  await engine.dispose();
  await wasm.dispose();
  const speed = (rounds: readonly Round[]): number =>
    median(rounds.map((round) => (1000 * round.tokens!) / time.of(round)));
  const value = speed(done.get('onnx')!);
  return [...done].flatMap(([peer, rounds]) => {
    if (peer === 'onnx') return [];
    const peerValue = speed(rounds);
    const limit = peer === 'tfjs-wasm decode' ? { limit: LIMITS.decodeOverWasm * peerValue } : {};
    const metric = `onnx decode at batch 16 (${time.name})`;
    return [
      benchRow({ metric, value, unit: 'tokens/s', better: 'higher', peer, peerValue, ...limit }),
    ];
  });
}

async function benchPrefill(): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const [form, name] of [
    ['transcript', 'append-only'],
    ['messages', 'a window of 5 turns'],
  ] as const) {
    const { prompt, computed } = await countPrefill(form);
    rows.push(
      benchRow({
        metric: `prefill of quickstart trees, ${name}`,
        value: computed,
        unit: 'tokens',
        better: 'lower',
        peer: 'without the prefix cache',
        peerValue: prompt,
        ...(form === 'transcript' ? { limit: LIMITS.prefill * prompt } : {}),
      }),
    );
  }
  return rows;
}

/**
 * A training step and decoding at d 128, 2 layers, 4 heads, 512 tokens of vocabulary, 16 rows of 256, beside the matrix products alone in
 * OpenBLAS, PyTorch and tfjs; what the prefix cache saves of the quickstart's prompts, and what training trees as tries saves.
 */
export async function benchEngines(): Promise<readonly BenchRow[]> {
  const load = (): string => loadavg()[0]!.toFixed(1);
  console.log(
    `the step's matrix products: ${(flopsOf(stepProducts()) / 1e9).toFixed(2)} GFLOP; load of the machine ${load()}`,
  );
  const rows = [
    ...(await benchTraining(1)),
    ...(await benchDecoding(1)),
    ...(await benchPrefill()),
    ...(await benchTreeTraining()),
    ...(await benchTraining(2)),
    ...(await benchDecoding(2)),
  ];
  console.log(`load of the machine at the end ${load()}\n`);
  return rows;
}
