import { currentMetricName } from '@spark-rl/run-store';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { isTimed, learnerMetricName } from '../src/pipeline/metric-names.js';

const root = join(__dirname, '..', '..', '..');
const read = (...path: readonly string[]): string => readFileSync(join(root, ...path), 'utf8');

/** The learner's metrics, as the README of its package lists them. */
const learnerMetrics = (): readonly string[] => {
  const text = read('packages', 'grpo-optimizer', 'README.md');
  const list = /Metrics:([^]*?); each where its option is set/.exec(text)?.[1] ?? '';
  return [...list.matchAll(/`(\w+)`/g)].map(([, name]) => name!);
};

describe('names of metrics', () => {
  it('are those of verl where it has them, otherwise with words parted by underscores', () => {
    expect(learnerMetricName('gradientNorm')).toBe('actor/grad_norm');
    expect(learnerMetricName('clipRatio')).toBe('actor/pg_clipfrac');
    expect(learnerMetricName('paddedTokens')).toBe('learn/padded_tokens');
    expect(learnerMetricName('samplerRatioP95')).toBe('learn/sampler_ratio_p95');
    expect(learnerMetricName('loss')).toBe('learn/loss');
  });

  it('of the learner are all in docs/logging.md, and what earlier versions called them leads to them', () => {
    expect(existsSync(join(root, 'docs', 'logging.md'))).toBe(true);
    const documented = read('docs', 'logging.md');
    const names = learnerMetrics();
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) {
      const now = learnerMetricName(name);
      expect(now).toMatch(/^(actor|learn)\/[a-z0-9_]+$/);
      expect(documented).toContain(`\`${now}\``);
      expect(currentMetricName(`learn/${name}`)).toBe(now);
      expect(currentMetricName(now)).toBe(now);
    }
  });

  it('tell what a clock decides', () => {
    expect(['timing_s/gen', 'perf/throughput', 'learn/loss', 'tree/depth'].map(isTimed)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
