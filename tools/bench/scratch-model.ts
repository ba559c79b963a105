import type { ScratchModelConfig } from '../../apps/trainer/src/config/model-schema.js';
import type { TrainConfig } from '../../apps/trainer/src/config/schema.js';

/** The model of a configuration that begins with new weights, as the quickstart does. */
export function scratchModelOf({ model }: Pick<TrainConfig, 'model'>): ScratchModelConfig {
  if (model.from === 'scratch') return model;
  throw new Error(`a model from scratch was expected, not one from the folder ${model.folder}`);
}
