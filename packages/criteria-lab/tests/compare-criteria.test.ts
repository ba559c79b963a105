import { randomSource, type BranchingContext, type BranchingCriterion } from '@spark-rl/core';

import { compareCriteria, offlineDecisions } from '../src/index.js';
import { outcomes, probeOf, type ScriptedTurn } from './probes.js';

/** Forks where the response says so. */
const says = (word: string, width = 2): BranchingCriterion => ({
  id: `says(${word})`,
  maxWidth: width,
  decide: ({ turn }) => ({ width: turn.generation.text.includes(word) ? width : 1 }),
});

const coin: BranchingCriterion = {
  id: 'coin',
  maxWidth: 2,
  decide: ({ random }) => ({ width: random.uniform() < 0.4 ? 2 : 1 }),
};

/** The numbers that a response says, as priorities; asks for a fork from 0.5. */
const rated: BranchingCriterion = {
  id: 'rated',
  maxWidth: 2,
  decide: ({ turn }) => {
    const priority = Number(turn.generation.text);
    return { width: priority >= 0.5 ? 2 : 1, priority };
  },
};

const options = { maxTurns: 10, seed: ['lab'], leaves: 3, roots: 1, resamples: 100, splits: 10 };

describe('offlineDecisions', () => {
  it('asks as a rollout does: turn by turn, with its own forks on the path and the free leaves', () => {
    const contexts: BranchingContext[] = [];
    const watching: BranchingCriterion = {
      id: 'watching',
      maxWidth: 3,
      decide: (context) => {
        contexts.push(context);
        return { width: context.turnIndex === 0 ? 3 : 1 };
      },
    };
    const tree = probeOf('t', [
      { continuations: outcomes(4, 2) },
      { continuations: outcomes(4, 2) },
      { continuations: outcomes(4, 2) },
    ]);
    const rollout = { maxTurns: 3, leaves: 8, roots: 4, seed: ['s'] };
    expect(offlineDecisions(watching, tree, rollout)).toEqual([
      { node: '0', width: 3 },
      { node: '0.0', width: 1 },
    ]);
    expect(contexts.map(({ turn, path }) => [turn.id, path.length])).toEqual([
      ['0', 1],
      ['0.0', 2],
    ]);
    const second = contexts[1]!;
    expect(second.path[0]).toMatchObject({ requestedWidth: 3, grantedWidth: 3 });
    expect(second.path[1]).toMatchObject({ requestedWidth: 1, grantedWidth: 1 });
    expect(second.turn).toBe(second.path[1]);
    expect(second).toMatchObject({
      maxTurns: 3,
      status: 'running',
      account: { limit: 8, used: 0, reserved: 4, failed: 0, free: 4 },
      resources: {},
    });
    expect(second.random.uniform()).toBe(
      randomSource(['s', 'task', 't', 'node', '0.0', 'criterion']).uniform(),
    );
  });

  it('refuses widths and priorities that no rollout would take', () => {
    const tree = probeOf('t', [{ continuations: outcomes(4, 2) }]);
    const rollout = { maxTurns: 5, leaves: 8, roots: 4, seed: [] };
    const wide = { ...coin, decide: () => ({ width: 3 }) };
    expect(() => offlineDecisions(wide, tree, rollout)).toThrow(/coin asked for 3 children/);
    const unsure = { ...coin, decide: () => ({ width: 2, priority: NaN }) };
    expect(() => offlineDecisions(unsure, tree, rollout)).toThrow(/priority that is no number/);
  });
});

describe('compareCriteria', () => {
  // Importances: 4/3 · 1/4 = 1/3, 0, 1/4, 0 | 1/3, 1/4, 0. Three leaves, one root: two forks of width 2 a path.
  const probes = [
    probeOf('one', [
      { text: 'explore 1', continuations: outcomes(4, 2) },
      { text: 'explore 1', continuations: outcomes(4, 0) },
      { text: 'explore 1', continuations: outcomes(4, 1) },
      { text: '0', continuations: outcomes(4, 4) },
    ]),
    probeOf('two', [
      { text: '', continuations: outcomes(4, 2) },
      { text: 'explore', continuations: outcomes(4, 3) },
      { text: '', continuations: outcomes(4, 4) },
    ]),
  ];
  const report = compareCriteria([says('explore')], probes, options);
  const [tag] = report.criteria;

  it('gives the measures that follow by hand', () => {
    expect(report).toMatchObject({ tasks: 2, probes: 2, criticalShare: { value: 4 / 7 } });
    expect(tag?.triggerRate.value).toBeCloseTo(4 / 7, 12);
    // 3 of 4 critical turns and 1 of 3 others are tagged: 3/4 · 2/3 + (3/4 · 1/3 + 1/4 · 2/3) / 2.
    expect(tag?.auroc.value).toBeCloseTo(0.5 + (0.25 + 1 / 6) / 2, 12);
    // Granted: turns 0 and 1 of the first path (the third finds no free leaf), turn 1 of the second.
    expect(tag?.forks.value).toBe(1.5);
    expect(tag?.precisionAtBudget.value).toBeCloseTo(2 / 3, 12);
    // Two of seven labels disagree with the tag.
    expect(tag?.calibrationError.value).toBeCloseTo(2 / 7, 12);
    expect(tag?.priorityCalibrationError.value).toBeNull();
    expect(tag?.gained.value).toBeCloseTo((1 / 3 + 1 / 4) / 2, 12);
    // The oracle: 1/3 + 1/4 on the first path, 1/3 on the second.
    expect(tag?.regret.value).toBeCloseTo((1 / 4 + 1 / 3 - 1 / 4) / 2, 12);
    expect(tag?.byTurn).toEqual([
      { turnIndex: 0, turns: 2, triggered: 1 },
      { turnIndex: 1, turns: 2, triggered: 2 },
      { turnIndex: 2, turns: 2, triggered: 1 },
      { turnIndex: 3, turns: 1, triggered: 0 },
    ]);
    expect(report.byTurn.map(({ turns, critical }) => [turns, critical])).toEqual([
      [2, 2],
      [2, 1],
      [2, 1],
      [1, 0],
    ]);
    expect(report.byTurn[1]?.variance.value).toBeCloseTo(1 / 8, 12);
  });

  it('ranks by priority where there is one', () => {
    const ranked = compareCriteria(
      [rated],
      [
        probeOf('one', [
          { text: '0.9', continuations: outcomes(4, 0) },
          { text: '0.6', continuations: outcomes(4, 4) },
          { text: '0.8', continuations: outcomes(4, 2) },
          { text: '0.4', continuations: outcomes(4, 2) },
        ]),
      ],
      { ...options, bins: 2 },
    ).criteria[0]!;
    // Positives 0.8 and 0.4 against 0.9 and 0.6: one pair of four is won.
    expect(ranked.auroc.value).toBe(0.25);
    expect(ranked.precisionAtBudget.value).toBe(0);
    expect(ranked.precisionByScore.value).toBe(0.5);
    // Bins [0, ½) and [½, 1]: |0.4 - 1| + |2.3 - 1| over 4.
    expect(ranked.priorityCalibrationError.value).toBeCloseTo(1.9 / 4, 12);
    // Asked at three turns, of which one is critical, and not at the fourth, which is: three claims are wrong.
    expect(ranked.calibrationError.value).toBeCloseTo(3 / 4, 12);
  });

  it('ranks requests above the rest where only they have priorities, even negative ones', () => {
    const change: BranchingCriterion = {
      id: 'change',
      maxWidth: 2,
      decide: ({ turn }) => {
        const { text } = turn.generation;
        return text === '' ? { width: 1 } : { width: 2, priority: Number(text) };
      },
    };
    const report = compareCriteria(
      [change],
      [
        probeOf('one', [
          { text: '-2', continuations: outcomes(4, 2) },
          { text: '', continuations: outcomes(4, 0) },
          { text: '-1', continuations: outcomes(4, 2) },
        ]),
      ],
      options,
    );
    expect(report.criteria[0]?.auroc.value).toBe(1);
  });

  it('takes the part that the first action decides, where asked', () => {
    const turns: ScriptedTurn[] = [
      { text: 'explore', continuations: [...outcomes(4, 4, 'a'), ...outcomes(4, 0, 'b')] },
      { text: '', continuations: [...outcomes(4, 2, 'a'), ...outcomes(4, 2, 'b')] },
      { text: '', continuations: outcomes(8, 4) },
    ];
    const decided = compareCriteria([says('explore')], [probeOf('one', turns)], {
      ...options,
      importance: 'between-actions',
    });
    expect(decided.turns.map(({ critical }) => critical)).toEqual([true, false, false]);
    expect(decided.turns[0]?.importance).toBeCloseTo(2 / 7, 12);
    expect(decided.criteria[0]?.auroc.value).toBe(1);
  });

  it('draws tasks, so that two probes of one task are no independent evidence', () => {
    const twice = [probes[0]!, probeOf('one', [{ continuations: outcomes(4, 2) }], 'again')];
    const alone = compareCriteria([coin], twice, options);
    expect(alone).toMatchObject({ tasks: 1, probes: 2 });
    expect(alone.criticalShare.low).toBeNull();
  });

  it('refuses probes without a measured turn, and wrong options', () => {
    expect(() => compareCriteria([coin], [probeOf('one', [])], options)).toThrow(
      /no turn of the probes was measured/,
    );
    expect(() => compareCriteria([coin], probes, { ...options, roots: 4 })).toThrow(/roots/);
  });
});

describe('a world whose critical turns are known', () => {
  /** Success has chance 1/2 after a critical turn, elsewhere `settled` or 1 - `settled`; three turns in ten are critical. */
  const world = (tasks: number, settled: number, continuations = 16) =>
    Array.from({ length: tasks }, (_, task) => {
      const random = randomSource(['world', settled, task]);
      return probeOf(
        `task-${task}`,
        Array.from({ length: 8 }, () => {
          const critical = random.uniform() < 0.3;
          const chance = critical ? 0.5 : random.uniform() < 0.5 ? settled : 1 - settled;
          return {
            text: critical ? 'critical' : '',
            continuations: Array.from({ length: continuations }, () => ({
              action: random.pick(['a', 'b']),
              success: random.uniform() < chance,
            })),
          };
        }),
      );
    });
  const knows = says('critical');

  it('the oracle reaches the ceiling and a coin is worth 0.5, where labels are certain', () => {
    const { ceiling, criteria } = compareCriteria([knows, coin], world(40, 0), {
      ...options,
      leaves: 8,
    });
    expect(ceiling.auroc.value).toBeGreaterThan(0.99);
    expect(ceiling.halfAuroc.value).toBeGreaterThan(0.98);
    expect(ceiling.reliability.value).toBeGreaterThan(0.95);
    expect(criteria[0]?.auroc.value).toBeGreaterThan(0.99);
    expect(criteria[0]?.precisionAtBudget.value).toBeGreaterThan(0.99);
    expect(criteria[0]?.calibrationError.value).toBeLessThan(0.01);
    expect(criteria[0]?.regret.value).toBeLessThan(0.03);
    const chance = criteria[1]!;
    expect(chance.auroc.low).toBeLessThan(0.5);
    expect(chance.auroc.high).toBeGreaterThan(0.5);
    expect(chance.regret.low).toBeGreaterThan(criteria[0]!.regret.high!);
  });

  it('the ceiling falls where labels are noisy, and the oracle with it', () => {
    const noisy = compareCriteria([knows, coin], world(40, 0.1), options);
    const sure = compareCriteria([knows], world(40, 0), options);
    expect(noisy.ceiling.auroc.value).toBeLessThan(sure.ceiling.auroc.value! - 0.15);
    // What knows the world lies between what half of the continuations tell and what all of them could.
    const oracle = noisy.criteria[0]!.auroc.value!;
    expect(oracle).toBeGreaterThan(noisy.ceiling.halfAuroc.value!);
    expect(oracle).toBeLessThan(noisy.ceiling.auroc.high!);
    expect(oracle).toBeGreaterThan(noisy.ceiling.auroc.low! - 0.05);
  });

  it('says the same twice, and in another order of tasks the same but for the draws', () => {
    const trees = world(10, 0.1);
    const first = compareCriteria([knows, coin], trees, options);
    expect(compareCriteria([knows, coin], trees, options)).toEqual(first);
    const reversed = compareCriteria([knows, coin], [...trees].reverse(), options);
    expect(reversed.criteria.map(({ auroc }) => auroc.value)).toEqual(
      first.criteria.map(({ auroc }) => auroc.value),
    );
    expect(JSON.parse(JSON.stringify(first))).toEqual(first);
  });
});
