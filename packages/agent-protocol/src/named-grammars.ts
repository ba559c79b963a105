/** A form of responses that a method is known for: its reasoning modes, and what the prompt says about them. */
export interface NamedGrammar {
  /** The tag of each reasoning mode, in the order they are explained. */
  readonly modes: Readonly<Record<string, string>>;
  /** When to use each mode. */
  readonly meanings: Readonly<Record<string, string>>;
  /** What the reasoning should be like, as it stands after "First, ". */
  readonly reasoning: string;
  /** How many of the last raw responses a windowed prompt repeats. */
  readonly responses: number;
}

/** When to use each of the two modes of SPARK, said to the agent. */
export const sparkModeMeanings: Readonly<Record<string, string>> = {
  explore:
    'something surprised you, or you do not know enough to be sure. Name several different places, objects or actions that are worth a try.',
  think: 'things go as you expected. Note how far you are, and what comes next.',
};

const oneSentence = 'one short sentence of reasoning';

/**
 * The forms of responses of the methods in the tables of SPARK's paper; all end with one action.
 *
 * - `spark` (arXiv 2601.20209, section 2): `explore` when unsure, `think` otherwise; one sentence.
 * - `react` (arXiv 2210.03629): free reasoning before every action, in one mode, `think`. Prompting alone, GRPO, GiGPO and ETO use it.
 * - `rlvmr` (arXiv 2507.22844): four modes, `planning`, `explore`, `reflection` and `monitor`; windowed prompts repeat the last three
 *   responses, so that plans are not forgotten.
 */
export const namedGrammars = {
  spark: {
    modes: { explore: 'explore', think: 'think' },
    meanings: sparkModeMeanings,
    reasoning: oneSentence,
    responses: 0,
  },
  react: {
    modes: { think: 'think' },
    meanings: {},
    reasoning: 'your reasoning, step by step and as long as it needs to be',
    responses: 0,
  },
  rlvmr: {
    modes: {
      planning: 'planning',
      explore: 'explore',
      reflection: 'reflection',
      monitor: 'monitor',
    },
    meanings: {
      planning: 'a task begins or the old plan is of no use. Say which steps lead to the goal.',
      explore:
        'it is open how to go on, or what is needed has not been found. Say what you have not tried yet.',
      reflection: 'the last action failed or did nothing. Say why, and what to do instead.',
      monitor: 'the plan works. Say which step of it is done, and which is next.',
    },
    reasoning: oneSentence,
    responses: 3,
  },
} as const satisfies Record<string, NamedGrammar>;

/** The names of {@link namedGrammars}. */
export type GrammarName = keyof typeof namedGrammars;

/** The grammar that each method of the paper's tables answers in, so that their prompts are a configuration. */
export const methodGrammars = {
  spark: 'spark',
  react: 'react',
  sft: 'spark',
  eto: 'react',
  grpo: 'react',
  gigpo: 'react',
  rlvmr: 'rlvmr',
} as const satisfies Record<string, GrammarName>;
