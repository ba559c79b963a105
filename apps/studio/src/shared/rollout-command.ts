/** A word as a shell takes it for one. */
const quoted = (word: string): string =>
  /^[\w./=:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

/**
 * The command that lets a checkpoint play the task of a recorded tree.
 *
 * @param run - the run folder
 * @param tree - the file of the tree
 */
export const rolloutCommand = (run: string, checkpoint: string, tree: string): string =>
  ['spark-rl', 'rollout', run, '--checkpoint', checkpoint, '--tasks-of', tree]
    .map(quoted)
    .join(' ');
