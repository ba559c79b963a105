import type { Task } from '@spark-rl/core';

/** The tasks of an answer that may come in pieces. */
export async function listOf(
  tasks: readonly Task[] | AsyncIterable<Task>,
): Promise<readonly Task[]> {
  if (Array.isArray(tasks)) return tasks as readonly Task[];
  const list: Task[] = [];
  for await (const task of tasks) list.push(task);
  return list;
}
