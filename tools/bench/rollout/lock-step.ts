import {
  childId,
  rootId,
  type AgentProtocol,
  type Budget,
  type Environment,
  type Ledger,
  type NodeId,
  type PastTurn,
  type Policy,
  type RandomKey,
  type Task,
} from '@spark-rl/core';

/** The parts of a loop that advances all paths of all tasks together. */
export interface LockStepOptions<State> {
  readonly environment: Environment<State>;
  readonly policy: Policy;
  readonly protocol: AgentProtocol;
  readonly budget: Budget;
  readonly tasks: readonly Task[];
  readonly seed: RandomKey;
  readonly roots: number;
  readonly width: number;
  readonly maxTurns: number;
}

interface Path<State> {
  readonly task: Task;
  readonly ledger: Ledger;
  readonly instruction: string;
  readonly id: NodeId;
  readonly state: State;
  readonly observation: string;
  readonly past: readonly PastTurn[];
}

/**
 * The peer: as batched rollout loops do it, all paths of all tasks wait for the last response of a turn, then for the last
 * environment. Requests to fork are served in the order of the paths. The same keys as `rolloutTree`, so the same trees.
 *
 * @returns every leaf as `task node outcome`, in no order
 */
export async function lockStep<State>(options: LockStepOptions<State>): Promise<readonly string[]> {
  const { environment, policy, protocol, budget, tasks, seed, roots, width, maxTurns } = options;
  const brief = { world: '', actions: [] };
  const sampling = { temperature: 1, maxTokens: 512 };
  const leaves: string[] = [];

  const starts = await Promise.all(tasks.map((task) => environment.reset(task)));
  let paths: Path<State>[] = tasks.flatMap((task, i) => {
    const { state, observation, instruction } = starts[i]!;
    const ledger = budget.open(task, { tokens: sampling.maxTokens, steps: 1 });
    ledger.openRoots(roots);
    return Array.from({ length: roots }, (_, root) => ({
      task,
      ledger,
      instruction,
      id: rootId(root),
      state,
      observation: String(observation),
      past: [],
    }));
  });

  for (let t = 0; paths.length > 0; t++) {
    const generations = await Promise.all(
      paths.map(({ task, id, instruction, past, observation }) =>
        policy.generate({
          prompt: protocol.prompt({ brief, instruction, past, observation }),
          sampling,
          key: [...seed, 'task', task.id, 'node', id, 'response'],
          affinity: task.id,
        }),
      ),
    );
    const actions = generations.map(({ text }) => protocol.parse(text).action);
    const answers = await Promise.all(
      paths.map(({ state }, i) => environment.step(state, actions[i]!)),
    );
    paths = paths.flatMap((path, i) => {
      const { state, observation, status } = answers[i]!;
      const generation = generations[i]!;
      if (status !== 'running' || t + 1 >= maxTurns) {
        path.ledger.complete();
        leaves.push(`${path.task.id} ${path.id} ${status === 'running' ? 'truncated' : status}`);
        return [];
      }
      const children = generation.text.includes('<explore>') ? path.ledger.branch(width) : 1;
      const past = [
        ...path.past,
        { observation: path.observation, action: actions[i]!, generation },
      ];
      return Array.from({ length: children }, (_, child) => ({
        ...path,
        id: childId(path.id, child),
        state,
        observation: String(observation),
        past,
      }));
    });
  }
  return leaves;
}
