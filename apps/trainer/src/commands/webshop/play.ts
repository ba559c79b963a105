import { createInterface } from 'node:readline';

import { InvalidInputError, observationText } from '@spark-rl/core';
import {
  checkPurchase,
  solveGoal,
  webshopEnvironment,
  type ObservationMode,
  type Shop,
  type WebshopState,
} from '@spark-rl/env-webshop';

import type { Output } from '../../output/progress.js';
import { showEvent } from '../../output/result.js';
import { openNamedShop, type ShopChoice } from './named-shop.js';

export interface PlayOptions extends ShopChoice {
  readonly goal: number;
  readonly observation: string;
}

const HELP =
  'Type search[words] or click[text]. ? lists what does something here, !hint shows a way to the full reward,\n' +
  '!history what was done, !quit leaves.\n';

const rounded = (value: number): string => String(Number(value.toFixed(4)));

/** The reward of a visit that has ended, with its parts. */
export function rewardText(shop: Shop, { session }: Pick<WebshopState, 'session'>): string {
  const check = checkPurchase(shop, session);
  if (check === null) return `Reward: ${rounded(session.reward)}\n`;
  const { report, wishes } = check;
  const lines = wishes.map(
    ({ what, wanted, got, isMet }) => `  ${isMet ? 'yes' : 'no '}  ${what}: ${wanted} (${got})`,
  );
  const met = wishes.filter(({ isMet }) => isMet).length;
  return `${lines.join('\n')}\nReward: ${met} of ${wishes.length} wishes met * type ${rounded(report.r_type)} = ${rounded(session.reward)}\n`;
}

/** Actions that buy the product that the goal was made from. */
function hint(shop: Shop, { session }: WebshopState): string {
  const actions = solveGoal(shop, session.goal);
  return actions === null
    ? 'No search for its name finds the product that the goal was made from.'
    : `From the search page: ${actions.join(', ')}`;
}

function parseMode(text: string): ObservationMode {
  if (text === 'text' || text === 'text_rich') return text;
  throw new InvalidInputError(`--observation ${text}: there is no such form`, {
    field: '--observation',
    value: text,
    remedy: 'Choose text or text_rich.',
  });
}

/** @throws InvalidInputError when a shop has no such goal */
export function checkGoal(shop: Shop, goal: number): void {
  const count = shop.goals.length;
  if (goal < count) return;
  throw new InvalidInputError(`the shop has no goal ${goal}`, {
    field: '--goal',
    value: goal,
    remedy:
      count === 0 ? 'Give data files with instructions.' : `Give a number from 0 to ${count - 1}.`,
  });
}

/** Visits the shop in the terminal, as an agent does: actions come from standard input, one a line, also through a pipe. */
export async function playCommand(
  options: PlayOptions,
  output: Output,
  input: NodeJS.ReadableStream = process.stdin,
): Promise<number> {
  const observation = parseMode(options.observation);
  const shop = await openNamedShop(options);
  try {
    checkGoal(shop, options.goal);
    const world = webshopEnvironment({ shop, observation, maxSteps: Number.MAX_SAFE_INTEGER });
    for await (const task of world.tasks({ split: 'all', count: options.goal + 1 }))
      if ((task.data as { goal: number }).goal === options.goal)
        return await visitShop(shop, world, await world.reset(task), output, input);
    return 1;
  } finally {
    shop.catalogue.close?.();
  }
}

async function visitShop(
  shop: Shop,
  world: ReturnType<typeof webshopEnvironment>,
  start: Awaited<ReturnType<ReturnType<typeof webshopEnvironment>['reset']>>,
  output: Output,
  input: NodeJS.ReadableStream,
): Promise<number> {
  let { state, observation, status } = start as Pick<
    typeof start,
    'state' | 'observation' | 'status'
  >;
  const done: string[] = [];
  const tell = async (event: string, facts: object = {}): Promise<void> =>
    showEvent(output, event, {
      ...facts,
      observation: observationText(observation).trim(),
      status,
      ...(status === 'running' && { admissible: await world.admissible!(state) }),
    });
  if (output.json !== undefined) await tell('start');
  output.write(`${observationText(observation).trimEnd()}\n\n${HELP}`);
  const lines = createInterface({ input, terminal: false });
  const prompt = (): void => output.write(output.interactive ? '\n> ' : '');
  prompt();
  for await (const line of lines) {
    const action = line.trim();
    if (action === '!quit') break;
    if (action === '?') output.write(`${(await world.admissible!(state)).join('\n')}\n`);
    else if (action === '!hint') {
      const text = hint(shop, state);
      showEvent(output, 'hint', { text });
      output.write(`${text}\n`);
    } else if (action === '!history')
      done.forEach((each, i) => output.write(`${i + 1}. ${each}\n`));
    else if (action !== '') {
      const before = state.session;
      ({ state, observation, status } = await world.step(state, action));
      done.push(action);
      if (output.json !== undefined) await tell('step', { action });
      output.write(output.interactive ? '' : `> ${action}\n`);
      if (state.session === before)
        output.write('Nothing happens: try ? for what does something.\n');
      else output.write(`${observationText(observation).trim()}\n`);
      if (status !== 'running') {
        output.write(
          `\nBought after ${done.length} ${done.length === 1 ? 'action' : 'actions'}.\n`,
        );
        output.write(rewardText(shop, state));
        showEvent(output, 'end', { reward: state.session.reward, actions: done.length });
        return 0;
      }
    }
    prompt();
  }
  showEvent(output, 'end', { reward: null, actions: done.length });
  output.write(
    `\nLeft after ${done.length} ${done.length === 1 ? 'action' : 'actions'}: nothing was bought.\n`,
  );
  return 0;
}
