/** What an agent gets instead of a reset. */
export const RESET_REFUSED = 'The task cannot be reset.';

const STOP_WORDS: ReadonlySet<string> = new Set(['a', 'an', 'the']);

/**
 * Whether the simulator would understand an action as `reset task`, which clears a failure and lets subgoals be scored again. It
 * reads actions in lower case, without articles, and takes any white space for one blank.
 */
export function isTaskReset(action: string): boolean {
  const words = action
    .toLowerCase()
    // eslint-disable-next-line no-control-regex -- the simulator trims control characters, too
    .split(/[\s\u0000-\u001f]+/)
    .filter((word) => word !== '' && !STOP_WORDS.has(word));
  return words.join(' ') === 'reset task';
}
