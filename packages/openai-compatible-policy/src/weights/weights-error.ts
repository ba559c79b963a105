import { PolicyError, type SparkErrorDetails } from '@spark-rl/core';

/** New weights could not be served by all servers; all still serve what they did before. */
export class WeightsError extends PolicyError {
  /** The name that was given up. It is never used again. */
  readonly attempted: string;
  /** What is served now; null before the first version. */
  readonly serving: string | null;
  /** Servers that may still hold the adapter that was given up, since they could not be told to drop it. */
  readonly leftOn: readonly string[];
  constructor(
    message: string,
    details: SparkErrorDetails & {
      readonly attempted: string;
      readonly serving: string | null;
      readonly leftOn: readonly string[];
    },
  ) {
    super(message, details);
    this.name = 'WeightsError';
    this.attempted = details.attempted;
    this.serving = details.serving;
    this.leftOn = details.leftOn;
  }
}
