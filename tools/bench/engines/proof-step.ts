import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  bindDims,
  defaultAdamW,
  differentiate,
  evaluateDim,
  graphBuilder,
  nodesOf,
  traceLoss,
  type Engine,
} from '@spark-rl/tensor';

import { proofBatch, proofInputs, proofLoss, proofSize, proofWeights } from './proof-model.js';
import { pythonPeer, type PythonPeer, type Round } from './python-peer.js';

const LEARNING_RATE = 3e-3;

/** How many tokens a step trains on. */
export const proofTokens = proofSize.batch * proofSize.time;

/** Runs `work` and measures it. */
export async function measured(work: () => Promise<Partial<Round>>): Promise<Round> {
  const started = performance.now();
  const before = process.cpuUsage();
  const found = await work();
  const { user, system } = process.cpuUsage(before);
  return { ...found, wallMs: performance.now() - started, cpuMs: (user + system) / 1000 };
}

/** The training step of the proof on an engine, one step a round. */
export async function engineSteps(
  engine: Engine,
): Promise<{ readonly round: () => Promise<Round>; readonly close: () => void }> {
  const trainer = await engine.compileTraining(proofLoss, defaultAdamW, proofWeights());
  const inputs = proofInputs();
  return {
    round: () => measured(() => trainer.step([inputs], { learningRate: LEARNING_RATE })),
    close: trainer.dispose,
  };
}

/** [batch, m, k, n, transposeA, transposeB] */
type Product = readonly [number, number, number, number, boolean, boolean];

/** The matrix products of the step, forward and backward, as the traced gradient has them. */
export function stepProducts(): readonly Product[] {
  const builder = graphBuilder();
  const { loss, parameters } = traceLoss(builder, proofLoss);
  const gradients = differentiate(builder, loss, parameters);
  const inputs = proofInputs();
  const sizes = bindDims(proofLoss.inputs, (name) => inputs[name]!.shape);
  return nodesOf([loss, ...Object.values(gradients)]).flatMap((node): Product[] => {
    if (node.operation.kind !== 'matMul') return [];
    const { transposeA, transposeB } = node.operation;
    const [a, b] = node.inputs.map(({ shape }) => shape.map((dim) => evaluateDim(dim, sizes)));
    const [rows, inner] = transposeA ? [a!.at(-1)!, a!.at(-2)!] : [a!.at(-2)!, a!.at(-1)!];
    const columns = b!.at(transposeB ? -2 : -1)!;
    const lead = a!.slice(0, -2).reduce((product, dim) => product * dim, 1);
    // A matrix shared by all rows is one product.
    return b!.length === 2
      ? [[1, lead * rows, inner, columns, transposeA, transposeB]]
      : [[lead, rows, inner, columns, transposeA, transposeB]];
  });
}

/** Floating-point operations of some products. */
export const flopsOf = (products: readonly Product[]): number =>
  products.reduce((sum, [batch, m, k, n]) => sum + 2 * batch * m * k * n, 0);

export const blasPeer = (threads: number): Promise<PythonPeer | undefined> =>
  pythonPeer('blas limit', 'blas_peer.py', { products: stepProducts() }, threads);

/** PyTorch on the same model, weights and rows. */
export async function torchSteps(threads: number): Promise<PythonPeer | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'engines-bench-'));
  const weights = join(folder, 'weights');
  const { tokens, targets } = proofBatch();
  const values = [...Object.values(proofWeights()).map(({ data }) => data), tokens, targets];
  writeFileSync(
    weights,
    Buffer.concat(values.map((data) => Buffer.from(data.buffer, data.byteOffset, data.byteLength))),
  );
  try {
    const setup = {
      work: 'train',
      size: proofSize,
      shapes: proofLoss.parameters,
      weights,
      learningRate: LEARNING_RATE,
      threads,
    };
    return await pythonPeer('pytorch', 'torch_peer.py', setup, threads);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
