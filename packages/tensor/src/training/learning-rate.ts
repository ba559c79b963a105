import { z } from 'zod';

/** How the learning rate moves over a training run; validate one from outside with {@link learningRateScheduleSchema}. */
export interface LearningRateSchedule {
  /** After the warm-up: stay, or fall to `finalRate` along a line or half a cosine. */
  readonly kind: 'constant' | 'linear' | 'cosine';
  /** The highest rate. */
  readonly peakRate: number;
  /** Steps over which the rate rises in a line from 0 to the peak. Default 0. */
  readonly warmupSteps: number;
  /** The step at which `finalRate` is reached; `constant` needs none. */
  readonly totalSteps: number;
  /** The rate at the end and after it. Default 0. */
  readonly finalRate: number;
}

/** A {@link LearningRateSchedule} at a border; what is left out takes its default. */
export const learningRateScheduleSchema = z
  .strictObject({
    kind: z.enum(['constant', 'linear', 'cosine']).default('constant'),
    peakRate: z.number().min(0),
    warmupSteps: z.number().int().min(0).default(0),
    totalSteps: z.number().int().min(0).default(0),
    finalRate: z.number().min(0).default(0),
  })
  .refine(({ kind, warmupSteps, totalSteps }) => kind === 'constant' || totalSteps > warmupSteps, {
    error: 'must be more than warmupSteps for a rate that falls',
    path: ['totalSteps'],
  });

/**
 * The learning rate of a step, counted from 1. With w = warmupSteps, n = totalSteps and q = min(1, (step - w) / (n - w)):
 * peak step / w while step < w; then `constant` peak, `linear` final + (peak - final) (1 - q), `cosine`
 * final + (peak - final) (1 + cos(pi q)) / 2 (Loshchilov & Hutter, arXiv 1608.03983, without restarts).
 */
export function learningRateAt(schedule: LearningRateSchedule, step: number): number {
  const { kind, peakRate, warmupSteps, totalSteps, finalRate } = schedule;
  if (step < warmupSteps) return (peakRate * step) / warmupSteps;
  if (kind === 'constant') return peakRate;
  const progress = Math.min(1, (step - warmupSteps) / (totalSteps - warmupSteps));
  const left = kind === 'linear' ? 1 - progress : (1 + Math.cos(Math.PI * progress)) / 2;
  return finalRate + (peakRate - finalRate) * left;
}
