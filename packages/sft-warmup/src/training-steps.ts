import { throwIfAborted } from '@spark-rl/core';
import {
  learningRateAt,
  type HostTensor,
  type LearningRateSchedule,
  type Named,
  type ParameterSet,
  type StepReport,
  type Trainer,
  type TrainingSnapshot,
} from '@spark-rl/tensor';

/** Where a training stands after a step. */
export interface StepProgress {
  /** Steps done, this one included. */
  readonly step: number;
  readonly totalSteps: number;
  readonly learningRate: number;
}

/** A training in progress. */
export interface TrainingSteps<Progress> {
  readonly totalSteps: number;
  /**
   * Trains to the end, or for at most `steps` steps; call it again to go on.
   *
   * @param options.onStep - told of every step, and waited for
   * @returns the last step; null when there was nothing left to do
   * @throws AbortedError before the step that comes after an abort; the weights stay usable
   */
  readonly train: (options?: {
    readonly steps?: number;
    readonly signal?: AbortSignal | undefined;
    readonly onStep?: (progress: Progress) => void | Promise<void>;
  }) => Promise<Progress | null>;
  /** The weights as they are now; the caller disposes of them. */
  readonly parameters: () => ParameterSet;
  /** What to give as `start`, with the same data, options and key (and `stepsDone` where steps were skipped), to go on exactly here. */
  readonly snapshot: () => Promise<TrainingSnapshot>;
  readonly dispose: () => void;
}

/** A plan of batches, and how one becomes a step. */
export interface StepPlan<Progress> {
  /** What each step trains, as indices into the data. */
  readonly plan: readonly (readonly number[])[];
  readonly done: number;
  readonly learningRate: number;
  /** Share of the steps over which the rate rises. */
  readonly warmupShare: number;
  /** What the rate falls to, as a share of it. */
  readonly finalRateShare: number;
  readonly trainer: Trainer;
  readonly inputsOf: (batch: readonly number[]) => readonly Named<HostTensor>[];
  readonly progressOf: (report: StepReport, at: StepProgress, batch: readonly number[]) => Progress;
}

/** Whether training begins where another one stopped. */
export const isSnapshot = (
  start: Named<HostTensor> | TrainingSnapshot,
): start is TrainingSnapshot => 'step' in start && typeof start.step === 'number';

/** Takes the steps of a plan, under a learning rate that rises in a line and falls along half a cosine. */
export function trainingSteps<Progress>(settings: StepPlan<Progress>): TrainingSteps<Progress> {
  const { plan, trainer, learningRate: peakRate } = settings;
  const totalSteps = plan.length;
  const schedule: LearningRateSchedule = {
    kind: 'cosine',
    peakRate,
    finalRate: peakRate * settings.finalRateShare,
    warmupSteps: Math.round(settings.warmupShare * totalSteps),
    // The end of the cosine lies one step after the last, which would otherwise teach nothing.
    totalSteps: totalSteps + 1,
  };
  let { done } = settings;

  const trainStep = async (batch: readonly number[]): Promise<Progress> => {
    const learningRate = learningRateAt(schedule, done + 1);
    const report = await trainer.step(settings.inputsOf(batch), { learningRate });
    done += 1;
    return settings.progressOf(report, { step: done, totalSteps, learningRate }, batch);
  };

  return {
    totalSteps,
    train: async ({ steps = Infinity, signal, onStep } = {}) => {
      let last: Progress | null = null;
      for (const batch of plan.slice(done, done + steps)) {
        throwIfAborted(signal);
        last = await trainStep(batch);
        await onStep?.(last);
      }
      return last;
    },
    parameters: trainer.parameters,
    snapshot: trainer.snapshot,
    dispose: trainer.dispose,
  };
}
