import { EngineUnavailableError } from '@spark-rl/core';
import type { Engine, EngineProvider } from '@spark-rl/tensor';

import { measureEngine, type EngineSpeed } from '../engine-speed.js';
import { automaticProviders } from '../engines.js';
import type { Output } from '../output/progress.js';
import { showResult } from '../output/result.js';
import { renderTable } from '../output/table.js';

/** How long all measurements take together, about. */
const SELF_TEST_SECONDS = 10;

const reasonOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);

interface Measured {
  readonly engine: Engine;
  readonly speed: EngineSpeed;
}

function speedTable(measured: readonly Measured[]): string {
  return renderTable(
    ['engine', 'device', 'training step', 'trained tok/s', 'decoded tok/s', 'batch invariant'],
    measured.map(({ engine, speed }) => [
      engine.id,
      engine.device,
      `${speed.trainingStepMs.toFixed(1)} ms`,
      Math.round((1000 * speed.trainedTokens) / speed.trainingStepMs).toLocaleString('en-US'),
      Math.round(speed.decodedTokensPerSecond).toLocaleString('en-US'),
      engine.batchInvariant ? 'yes' : 'no',
    ]),
  );
}

/** The same for programs. */
const speedFacts = ({ engine, speed }: Measured) => ({
  id: engine.id,
  device: engine.device,
  batchInvariant: engine.batchInvariant,
  ...speed,
});

/** Says which engines beat the chosen one, at training and at decoding. */
function fasterThan(chosen: Engine, measured: readonly Measured[]): string {
  const own = measured.find(({ engine }) => engine === chosen);
  if (own === undefined) return '';
  const best = (faster: (a: EngineSpeed, b: EngineSpeed) => boolean): Measured =>
    measured.reduce((found, each) => (faster(each.speed, found.speed) ? each : found), own);
  const trainer = best((a, b) => a.trainingStepMs < b.trainingStepMs);
  const decoder = best((a, b) => a.decodedTokensPerSecond > b.decodedTokensPerSecond);
  const advise = ({ engine }: Measured, what: string): string =>
    engine === chosen
      ? ''
      : `${engine.id} ${what} faster here: choose it with --engine ${engine.id}.\n`;
  return trainer === decoder
    ? advise(trainer, 'trains and decodes')
    : advise(trainer, 'trains') + advise(decoder, 'decodes');
}

/** Opens every engine, measures those that load, and says which one `auto` picks and why the others were refused. */
export async function doctorCommand(
  output: Output,
  options: {
    readonly providers?: readonly EngineProvider[];
    readonly measure?: typeof measureEngine;
  } = {},
): Promise<number> {
  const { providers = automaticProviders(), measure = measureEngine } = options;
  output.write(
    `Node ${process.versions.node}, ${process.platform} ${process.arch}\n\nMeasuring the engines ...\n`,
  );
  const engines: Engine[] = [];
  const refusals: string[] = [];
  for (const provider of providers) {
    try {
      engines.push(await provider.open());
    } catch (cause) {
      refusals.push(reasonOf(cause));
    }
  }
  try {
    const [chosen] = engines;
    if (chosen === undefined) {
      throw new EngineUnavailableError('no engine loads on this machine', {
        remedy: `Reasons: ${refusals.join('; ')}`,
      });
    }
    const measured: Measured[] = [];
    const failures: string[] = [];
    for (const engine of engines) {
      try {
        const speed = await measure(engine, { seconds: SELF_TEST_SECONDS / engines.length });
        measured.push({ engine, speed });
      } catch (cause) {
        failures.push(`${engine.id}: ${reasonOf(cause)}`);
      }
    }
    const list = (title: string, lines: readonly string[]): string =>
      lines.length === 0 ? '' : `\n${title}:\n${lines.map((line) => `- ${line}\n`).join('')}`;
    const advice = fasterThan(chosen, measured);
    const variance = chosen.batchInvariant
      ? ''
      : `On ${chosen.id} a response may depend, in its last bits, on what is sampled beside it: the same seed need not give the same tree.\n`;
    showResult(
      output,
      {
        node: process.versions.node,
        platform: `${process.platform} ${process.arch}`,
        chosen: chosen.id,
        engines: measured.map(speedFacts),
        refused: refusals,
        failed: failures,
        advice: `${advice}${variance}`.trim().split('\n').filter(Boolean),
      },
      speedTable(measured) +
        list('Not available here', refusals) +
        list('Opened, but failed when measured', failures) +
        `\n--engine auto picks ${chosen.id}: ${chosen.device}.\n${advice}${variance}`,
    );
    return 0;
  } finally {
    for (const engine of engines) await engine.dispose();
  }
}
