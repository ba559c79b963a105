import type { EngineProvider } from '@spark-rl/tensor';

import { measureEngine, type EngineSpeed } from '../engine-speed.js';
import { chooseEngine, engineProviders } from '../engines.js';
import type { Output } from '../output/progress.js';
import { renderTable } from '../output/table.js';

const SECONDS = 2;

/** Opens every engine, measures those that load, and says which one `auto` picks and why the others were refused. */
export async function doctorCommand(
  output: Output,
  options: {
    readonly providers?: readonly EngineProvider[];
    readonly measure?: typeof measureEngine;
  } = {},
): Promise<number> {
  output.write(
    `Node ${process.versions.node}, ${process.platform} ${process.arch}\n\nMeasuring the engines ...\n`,
  );
  const speeds = new Map<string, EngineSpeed>();
  const rows: string[][] = [];
  const refusals: string[] = [];
  for (const provider of options.providers ?? engineProviders()) {
    try {
      const engine = await provider.open();
      const speed = await (options.measure ?? measureEngine)(engine, { seconds: SECONDS });
      speeds.set(provider.id, speed);
      rows.push([
        provider.id,
        engine.device,
        `${speed.trainingStepMs.toFixed(1)} ms`,
        Math.round((1000 * speed.trainedTokens) / speed.trainingStepMs).toLocaleString('en-US'),
        Math.round(speed.decodedTokensPerSecond).toLocaleString('en-US'),
        engine.batchInvariant ? 'yes' : 'no',
      ]);
      await engine.dispose();
    } catch (cause) {
      refusals.push(cause instanceof Error ? cause.message : String(cause));
    }
  }
  output.write(
    renderTable(
      ['engine', 'device', 'training step', 'trained tok/s', 'decoded tok/s', 'batch invariant'],
      rows,
    ),
  );
  if (refusals.length > 0)
    output.write(`\nNot available here:\n${refusals.map((each) => `- ${each}\n`).join('')}`);
  const engine = await chooseEngine('auto', options.providers);
  const [fastest] = [...speeds].sort(([, a], [, b]) => a.trainingStepMs - b.trainingStepMs)[0] ?? [
    engine.id,
  ];
  output.write(`\n--engine auto picks ${engine.id}: ${engine.device}.\n`);
  if (fastest !== engine.id)
    output.write(`${fastest} trains faster here: choose it with --engine ${fastest}.\n`);
  if (!engine.batchInvariant) {
    output.write(
      `On ${engine.id} a response may depend, in its last bits, on what is sampled beside it: the same seed need not give the same tree.\n`,
    );
  }
  await engine.dispose();
  return 0;
}
