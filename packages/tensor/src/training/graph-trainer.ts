import { InvalidInputError } from '@spark-rl/core';

import { checkTensors } from '../check-tensors.js';
import type { AdamWOptions, StepReport, Trainer, TrainingSnapshot } from '../engine.js';
import type { CompiledGraph, GraphBackend } from '../graph-engine.js';
import { copyTensor, readTensors, type ParameterStore } from '../parameter-store.js';
import type { Graph } from '../graph/graph.js';
import { ofRole, parameterSpecs, withRole } from '../graph/trace.js';
import type { HostTensor, LossProgram, Named } from '../program.js';
import { biasCorrections } from './adamw.js';
import { trainedParameters } from './trained-parameters.js';
import { traceAccumulation, traceTrainingStep, traceUpdate } from './training-graphs.js';

/** What an update changes. */
interface TrainingState<T> {
  readonly step: number;
  readonly parameters: Named<T>;
  readonly firstMoments: Named<T>;
  readonly secondMoments: Named<T>;
}

function isSnapshot(start: Named<HostTensor> | TrainingSnapshot): start is TrainingSnapshot {
  return typeof (start as Partial<TrainingSnapshot>).step === 'number';
}

function zerosLike(program: LossProgram): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(trainedParameters(program)).map(([name, shape]) => {
      const size = shape.reduce((product, dim) => product * dim, 1);
      return [name, { dtype: 'float32', shape, data: new Float32Array(size) }];
    }),
  );
}

function openSnapshot(
  program: LossProgram,
  start: Named<HostTensor> | TrainingSnapshot,
): TrainingSnapshot {
  const zeros = zerosLike(program);
  const snapshot = isSnapshot(start)
    ? start
    : { step: 0, parameters: start, firstMoments: zeros, secondMoments: zeros };
  const specs = parameterSpecs(program.parameters);
  checkTensors(`parameters of ${program.name}`, specs, snapshot.parameters);
  const trained = parameterSpecs(trainedParameters(program));
  for (const role of ['firstMoments', 'secondMoments'] as const) {
    checkTensors(`${role} of ${program.name}`, trained, snapshot[role]);
  }
  return snapshot;
}

/** All tensors of a state, under names of their own. */
function tensorsOf<T>({ parameters, firstMoments, secondMoments }: TrainingState<T>): Named<T> {
  return {
    ...withRole('parameters', parameters),
    ...withRole('firstMoments', firstMoments),
    ...withRole('secondMoments', secondMoments),
  };
}

function mapValues<From, To>(values: Named<From>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}

/**
 * Compiles a graph when it is first run: a run with one micro-batch a step never needs the accumulation graphs. What failed is tried again
 * at the next run.
 */
function compileOnce<T>(backend: GraphBackend<T>, graph: () => Graph): CompiledGraph<T> {
  let compiled: Promise<CompiledGraph<T>> | undefined;
  return {
    run: async (inputs) => {
      compiled ??= backend.compile(graph()).catch((cause: unknown) => {
        compiled = undefined;
        throw cause;
      });
      return (await compiled).run(inputs);
    },
    // Whoever ran it has been told when it failed.
    dispose: () =>
      void compiled?.then(
        (ready) => ready.dispose(),
        () => undefined,
      ),
  };
}

function checkLearningRate(program: string, learningRate: number): void {
  if (learningRate >= 0 && learningRate < Infinity) return;
  throw new InvalidInputError(`${program}: learningRate is ${learningRate}`, {
    field: 'learningRate',
    value: learningRate,
    remedy: 'Give a finite number of at least 0.',
  });
}

/**
 * A trainer that runs the graphs of `training-graphs.ts` on a backend. Calls wait for each other: two steps from the same state would lose
 * one of them.
 */
export async function createGraphTrainer<T>(
  backend: GraphBackend<T>,
  store: ParameterStore<T>,
  program: LossProgram,
  options: AdamWOptions,
  start: Named<HostTensor> | TrainingSnapshot,
): Promise<Trainer> {
  const snapshot = openSnapshot(program, start);
  const upload = async (values: Named<HostTensor>): Promise<Named<T>> => {
    const tensors: Record<string, T> = {};
    for (const [name, value] of Object.entries(values)) {
      const tensor = backend.fromHost(copyTensor(value));
      tensors[name] = (await backend.toDevice?.(tensor)) ?? tensor;
    }
    return tensors;
  };
  let state: TrainingState<T> = {
    step: snapshot.step,
    parameters: await upload(snapshot.parameters),
    firstMoments: await upload(snapshot.firstMoments),
    secondMoments: await upload(snapshot.secondMoments),
  };
  store.retain(tensorsOf(state));
  const whole = await backend.compile(traceTrainingStep(program, options));
  const accumulation = compileOnce(backend, () => traceAccumulation(program));
  const update = compileOnce(backend, () => traceUpdate(program, options));

  let disposed = false;
  let working = 0;
  let last: Promise<unknown> = Promise.resolve();

  const free = (): void => {
    store.release(tensorsOf(state));
    for (const graph of [whole, accumulation, update]) graph.dispose();
  };
  const inTurn = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (disposed) {
      throw new InvalidInputError(`the trainer of ${program.name} has been disposed of`, {
        remedy: 'Compile the training again from a snapshot.',
      });
    }
    working += 1;
    const result = last.then(work).finally(() => {
      working -= 1;
      if (disposed && working === 0) free();
    });
    last = result.catch(() => undefined);
    return result;
  };

  const scalar = (value: number): T =>
    backend.fromHost({ dtype: 'float32', shape: [], data: Float32Array.of(value) });
  const numberAt = async (tensors: Named<T>, name: string): Promise<number> =>
    (await backend.toHost(tensors[name]!)).data[0]!;
  const parameterFeeds = (): Record<string, T> => withRole('parameters', state.parameters);
  const inputFeeds = (inputs: Named<HostTensor>): Record<string, T> =>
    withRole('inputs', mapValues(inputs, backend.fromHost));
  const optimizerFeeds = (learningRate: number): Record<string, T> => ({
    ...withRole('firstMoments', state.firstMoments),
    ...withRole('secondMoments', state.secondMoments),
    ...mapValues({ learningRate, ...biasCorrections(options, state.step + 1) }, scalar),
  });

  async function scalarsOf(
    outputs: Named<T>,
  ): Promise<{ loss: number; metrics: Record<string, number> }> {
    const metrics: Record<string, number> = {};
    for (const name of Object.keys(ofRole('metrics', outputs))) {
      metrics[name] = await numberAt(outputs, `metrics/${name}`);
    }
    return { loss: await numberAt(outputs, 'loss'), metrics };
  }

  async function adopt(
    outputs: Record<string, T>,
    sums: Pick<StepReport, 'loss' | 'metrics'>,
  ): Promise<StepReport> {
    const gradientNorm = await numberAt(outputs, 'gradientNorm');
    const applied = Number.isFinite(gradientNorm);
    // What goes into the state is held by it, and all the rest is freed.
    store.retain(outputs);
    if (applied) {
      const old = state;
      state = {
        step: state.step + 1,
        parameters: { ...state.parameters, ...ofRole('parameters', outputs) },
        firstMoments: ofRole('firstMoments', outputs),
        secondMoments: ofRole('secondMoments', outputs),
      };
      store.retain(tensorsOf(state));
      store.release(tensorsOf(old));
    }
    store.release(outputs);
    return { ...sums, gradientNorm, applied };
  }

  async function accumulate(
    microBatches: readonly Named<HostTensor>[],
    rate: number,
  ): Promise<StepReport> {
    let gradients = await upload(zerosLike(program));
    let loss = 0;
    const metrics: Record<string, number> = {};
    for (const inputs of microBatches) {
      const outputs = await accumulation.run({
        ...parameterFeeds(),
        ...withRole('gradients', gradients),
        ...inputFeeds(inputs),
      });
      store.release(gradients);
      gradients = ofRole('gradients', outputs);
      const found = await scalarsOf(outputs);
      loss += found.loss;
      for (const [name, value] of Object.entries(found.metrics)) {
        metrics[name] = (metrics[name] ?? 0) + value;
      }
    }
    const feeds = {
      ...parameterFeeds(),
      ...withRole('gradients', gradients),
      ...optimizerFeeds(rate),
    };
    const report = await adopt(await update.run(feeds), { loss, metrics });
    store.release(gradients);
    return report;
  }

  return {
    step: (microBatches, { learningRate }) =>
      inTurn(async () => {
        const [first] = microBatches;
        if (first === undefined) {
          throw new InvalidInputError(`a step of ${program.name} has no micro-batch`, {
            field: 'microBatches',
            remedy: 'Give at least one.',
          });
        }
        checkLearningRate(program.name, learningRate);
        for (const inputs of microBatches) {
          checkTensors(`inputs of ${program.name}`, program.inputs, inputs);
        }
        if (microBatches.length > 1) return accumulate(microBatches, learningRate);
        const feeds = {
          ...parameterFeeds(),
          ...inputFeeds(first),
          ...optimizerFeeds(learningRate),
        };
        const outputs = await whole.run(feeds);
        return adopt(outputs, await scalarsOf(outputs));
      }),
    parameters: () => store.wrap(state.parameters),
    snapshot: () =>
      inTurn(async () => ({
        step: state.step,
        parameters: await readTensors(backend, state.parameters),
        firstMoments: await readTensors(backend, state.firstMoments),
        secondMoments: await readTensors(backend, state.secondMoments),
      })),
    dispose: () => {
      if (disposed) return;
      disposed = true;
      // What runs still reads the state: the last one frees it.
      if (working === 0) free();
    },
  };
}
