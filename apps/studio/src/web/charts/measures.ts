import type { MetricsPoint } from '../../shared/views.js';

/** A curve that is worth a chart of its own. */
export interface Measure {
  readonly title: string;
  /** What it says, in a sentence. */
  readonly help: string;
  readonly phase: 'reinforce' | 'warmup';
  readonly value: (values: MetricsPoint['values']) => number | undefined;
  readonly share?: boolean;
}

const named =
  (name: string) =>
  (values: MetricsPoint['values']): number | undefined =>
    values[name];

const ratio =
  (above: string, below: string) =>
  (values: MetricsPoint['values']): number | undefined => {
    const [a, b] = [values[above], values[below]];
    return a === undefined || b === undefined || b === 0 ? undefined : a / b;
  };

const reinforce = (
  title: string,
  help: string,
  value: Measure['value'],
  share = false,
): Measure => ({
  title,
  help,
  phase: 'reinforce',
  value,
  share,
});

/** The curves of a run, the most telling first. */
export const MEASURES: readonly Measure[] = [
  reinforce(
    'Success',
    'Share of rollout leaves that end in success.',
    named('rollout/success'),
    true,
  ),
  reinforce(
    'Explore share',
    'Share of turns whose reasoning is tagged explore.',
    named('explore/share'),
    true,
  ),
  reinforce(
    'KL to the reference',
    'How far the policy moved from the warm-up, in nats a token.',
    named('actor/kl_loss'),
  ),
  reinforce('Leaves per tree', 'Paths that a task was played to its end.', named('tree/leaves')),
  reinforce(
    'Forks per step',
    'Turns that got more than one child, over all trees of a step.',
    named('tree/forks'),
  ),
  reinforce(
    'Budget used up',
    'Share of trees that spent all their leaves.',
    named('budget/full_share'),
    true,
  ),
  reinforce(
    'Tokens per second',
    'Generated tokens by the time of the rollouts.',
    ratio('rollout/tokens_generated', 'timing_s/gen'),
  ),
  reinforce(
    'Tokens saved',
    'What sharing turns saved against separate paths.',
    named('tree/prefix_token_saving'),
    true,
  ),
  reinforce(
    'Invalid responses',
    'Share of turns that broke the grammar.',
    named('rollout/invalid_share'),
    true,
  ),
  reinforce('Turns per path', 'Mean length of a path.', named('tree/path_length')),
  reinforce('Entropy', 'Of the policy, in nats a token.', named('actor/entropy')),
  reinforce('Loss', 'The clipped objective with its penalties.', named('learn/loss')),
  reinforce('Gradient norm', 'Before clipping.', named('actor/grad_norm')),
  reinforce(
    'Clipped tokens',
    'Share of tokens whose ratio left the trust region.',
    named('actor/pg_clipfrac'),
    true,
  ),
  {
    title: 'Warm-up loss',
    help: 'Cross-entropy of the expert turns, in nats a token.',
    phase: 'warmup',
    value: named('warmup/loss'),
  },
  {
    title: 'Warm-up accuracy',
    help: 'Share of expert tokens that are the likeliest.',
    phase: 'warmup',
    value: named('warmup/accuracy'),
    share: true,
  },
];

/** A measure for every other number that a run recorded. */
export function otherMeasures(points: readonly MetricsPoint[]): readonly Measure[] {
  const names = new Map<string, Measure['phase']>();
  for (const { phase, values } of points) {
    if (phase !== 'warmup' && phase !== 'reinforce') continue;
    for (const name of Object.keys(values)) names.set(name, phase);
  }
  return [...names]
    .sort(([a], [b]) => a.localeCompare(b, 'en'))
    .map(([name, phase]) => ({ title: name, help: '', phase, value: named(name) }));
}
