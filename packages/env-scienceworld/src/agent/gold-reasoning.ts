import type { ExpertTurn } from '@spark-rl/core';

/** What an episode has shown so far, as far as the reasoning speaks of it. */
export interface GoldMemory {
  readonly visited: ReadonlySet<string>;
  readonly done: ReadonlySet<string>;
}

/** How one kind of action is talked about; `{0}` and `{1}` are what it names. */
interface Wording {
  readonly form: RegExp;
  /** Whether the action is taken to learn something. */
  readonly learns: boolean;
  readonly first: string;
  /** When the same action was taken before; `first` when absent. */
  readonly again?: string;
}

const WORDINGS: readonly Wording[] = [
  {
    form: /^look around$/,
    learns: true,
    first: 'I do not know what is here. Let me see.',
    again: 'Things have changed. Let me see the room again.',
  },
  {
    form: /^(?:look at|examine|look in) (.+)$/,
    learns: true,
    first: 'I want to know more about {0}.',
    again: 'I check how {0} is now.',
  },
  {
    form: /^read (.+)$/,
    learns: true,
    first: '{0} may tell how it is done.',
  },
  {
    form: /^use (.+) on (.+)$/,
    learns: true,
    first: 'What {0} shows on {1} matters.',
    again: 'I use {0} on {1} again to see what changed.',
  },
  {
    form: /^open door to (.+)$/,
    learns: false,
    first: 'To get to the {0} its door must be open.',
  },
  { form: /^open (.+)$/, learns: true, first: 'There may be something inside the {0}.' },
  { form: /^close (.+)$/, learns: false, first: '{0} should be closed now.' },
  { form: /^focus on (.+)$/, learns: false, first: 'The task asks for a focus, and {0} is it.' },
  { form: /^pick up (.+)$/, learns: false, first: 'I will need {0}, so I take it along.' },
  { form: /^(?:drop|put down) (.+)$/, learns: false, first: 'I lay {0} down here.' },
  { form: /^move (.+) to (.+)$/, learns: false, first: '{0} belongs at {1} now.' },
  { form: /^pour (.+?) (?:in|into) (.+)$/, learns: false, first: '{0} has to go into {1}.' },
  { form: /^dunk (.+) in (.+)$/, learns: false, first: 'I fill {0} from {1}.' },
  { form: /^mix (.+)$/, learns: false, first: 'What is together in {0} can be mixed now.' },
  {
    form: /^(?:activate|turn on) (.+)$/,
    learns: false,
    first: '{0} must run for this to work.',
  },
  { form: /^(?:deactivate|turn off) (.+)$/, learns: false, first: '{0} is not needed any more.' },
  { form: /^connect (.+) to (.+)$/, learns: false, first: 'The circuit needs {0} at {1}.' },
  { form: /^disconnect (.+)$/, learns: false, first: '{0} has to come off the circuit.' },
  {
    form: /^wait1?$/,
    learns: false,
    first: 'This takes time, so I wait.',
    again: 'It is not done yet, so I go on waiting.',
  },
  { form: /^\d+$/, learns: false, first: 'I mean this one of the list.' },
  { form: /^inventory$/, learns: true, first: 'Let me check what I carry.' },
];

/** The room that an action leads to, if it walks. */
export const roomOf = (action: string): string | undefined =>
  /^(?:go|teleport) to (.+)$/.exec(action)?.[1];

/**
 * Says in simple words why the gold path takes an action, by rules on its form. The mode is `explore` where the action is taken to
 * learn something for the first time, a room seen for the first time included, else `think`.
 */
export function reasonFor(action: string, memory: GoldMemory): ExpertTurn {
  const room = roomOf(action);
  if (room !== undefined) {
    return memory.visited.has(room)
      ? { mode: 'think', reasoning: `My way leads through the ${room}.`, action }
      : { mode: 'explore', reasoning: `What I need may be in the ${room}.`, action };
  }
  const again = memory.done.has(action);
  for (const { form, learns, first, again: repeated = first } of WORDINGS) {
    const found = form.exec(action);
    if (found === null) continue;
    const words = (again ? repeated : first).replace(/\{(\d)\}/g, (_, i: string) =>
      String(found[Number(i) + 1]),
    );
    const reasoning = words.charAt(0).toUpperCase() + words.slice(1);
    return { mode: learns && !again ? 'explore' : 'think', reasoning, action };
  }
  return { mode: 'think', reasoning: 'This is the next step.', action };
}
