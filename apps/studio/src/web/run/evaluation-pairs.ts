import type { EvaluationView } from '../../shared/views.js';

/** What became of a task from one checkpoint to another. */
export type Change = 'gained' | 'kept' | 'lost' | 'neither';

/** Two checkpoints that played the same tasks at one temperature. */
export interface EvaluationPair {
  readonly title: string;
  readonly before: EvaluationView;
  readonly after: EvaluationView;
  readonly changes: readonly Change[];
}

const changeOf = (before: boolean, after: boolean): Change =>
  before ? (after ? 'kept' : 'lost') : after ? 'gained' : 'neither';

/** Neighbouring checkpoints, and the first with the last, at each temperature. Others than the same number of tasks are no pair. */
export function pairsOf(evaluations: readonly EvaluationView[]): readonly EvaluationPair[] {
  const temperatures = [...new Set(evaluations.map(({ temperature }) => temperature))];
  return temperatures.flatMap((temperature) => {
    const group = evaluations.filter((each) => each.temperature === temperature);
    const couples = group.slice(1).map((after, index) => [group[index]!, after] as const);
    if (group.length > 2) couples.unshift([group[0]!, group.at(-1)!]);
    return couples
      .filter(([before, after]) => before.successes.length === after.successes.length)
      .map(([before, after]) => ({
        title: `${before.checkpoint} → ${after.checkpoint}, temperature ${temperature}`,
        before,
        after,
        changes: before.successes.map((success, index) =>
          changeOf(success, after.successes[index]!),
        ),
      }));
  });
}

/** How the tasks of one kind fared. */
export interface KindChanges {
  readonly kind: string;
  readonly tasks: number;
  readonly before: number;
  readonly after: number;
  readonly gained: number;
  readonly lost: number;
}

/** Changes by the kind of task, in the order of their names. */
export function changesByKind({ before, changes }: EvaluationPair): readonly KindChanges[] {
  const kinds = [...new Set(changes.map((_, index) => before.kinds[index] ?? ''))].sort();
  return kinds.map((kind) => {
    const own = changes.filter((_, index) => (before.kinds[index] ?? '') === kind);
    const count = (...which: readonly Change[]): number =>
      own.filter((change) => which.includes(change)).length;
    return {
      kind,
      tasks: own.length,
      before: count('kept', 'lost'),
      after: count('kept', 'gained'),
      gained: count('gained'),
      lost: count('lost'),
    };
  });
}
