import type { TransformerConfig } from '@spark-rl/transformer-policy';

import { missingFiles, missingText } from '../config/missing-files.js';
import type { TrainConfig } from '../config/schema.js';
import { chooseEngine } from '../engines.js';
import { measureEngine } from '../engine-speed.js';
import type { Output } from '../output/progress.js';
import { showResult } from '../output/result.js';
import { estimateSeconds, planOf, renderPlan } from '../pipeline/plan.js';
import { publishedArchitecture } from '../pipeline/published-sizes.js';
import { settleModel } from '../pipeline/settle-model.js';
import { openWorld } from '../worlds/world.js';

/** A configuration, and the architecture that its plan counts with; undefined where that is not known. */
interface Planned {
  readonly config: TrainConfig;
  readonly architecture?: TransformerConfig | undefined;
}

/** Looks at what is there, and takes the published size of a model that is not. */
async function look(config: TrainConfig, missing: readonly string[]): Promise<Planned> {
  if (!missing.some((field) => field.startsWith('environment.')))
    await (await openWorld(config)).close?.();
  const { model } = config;
  return model.from === 'folder' && missing.includes('model.folder')
    ? { config, architecture: publishedArchitecture(model.folder) }
    : settleModel(config);
}

/**
 * Says what a run would do, and does none of it. What the configuration names need not be there: it is said what is missing, and a model
 * of a known name is counted as it was published.
 */
export async function dryRun(given: TrainConfig, output: Output): Promise<number> {
  const missing = missingFiles(given);
  const { config, architecture } = await look(
    given,
    missing.map(({ field }) => field),
  );
  const isKnown = config.model.from === 'scratch' || architecture !== undefined;
  const plan = isKnown ? planOf(config, architecture) : null;
  const engine = await chooseEngine(config.engine);
  try {
    const seconds =
      plan === null ? null : estimateSeconds(plan, await measureEngine(engine, { seconds: 3 }));
    showResult(
      output,
      { config, plan, seconds, engine: engine.id, device: engine.device, missing },
      `${JSON.stringify(config, null, 2)}\n\nengine ${engine.id}: ${engine.device}\n` +
        (plan === null || seconds === null
          ? 'How large the model is stands in its folder: there is no plan without it.\n'
          : renderPlan(plan, seconds)) +
        (missing.length === 0
          ? ''
          : `Missing here, and needed to train:\n${missingText(missing)}`) +
        'Nothing was done: leave out --dry-run to train.\n',
    );
    return 0;
  } finally {
    await engine.dispose();
  }
}
