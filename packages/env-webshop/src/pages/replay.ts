import { InvalidInputError } from '@spark-rl/core';

import { pageOf, type PageOptions } from '../shop/page.js';
import { pageText } from '../shop/page-text.js';
import { formatObservation } from '../shop/prompt-format.js';
import { freshSession, type Session } from '../shop/session.js';
import type { Shop } from '../shop/shop.js';
import { visit } from '../shop/visit.js';
import type { Episode, EpisodeTurn } from './episode.js';

/** One page of a replay: what the shop shows now, and what the agent did there. */
export interface ReplayMoment {
  readonly session: Session;
  /** What the agent did on this page; null on the last. */
  readonly turn: EpisodeTurn | null;
  /** What was recorded that the agent was shown; null where nothing was. */
  readonly recorded: string | null;
  /** What the shop shows an agent now, in the form that the recording has, where it has one of ours. */
  readonly shown: string;
  /** Whether the two agree; null where nothing was recorded. */
  readonly agrees: boolean | null;
}

/** An episode, lived through again. */
export interface Replay {
  readonly episode: Episode;
  readonly options: PageOptions;
  readonly moments: readonly ReplayMoment[];
  /** What of the recording this shop does not repeat, in words; none for a faithful replay. */
  readonly differences: readonly string[];
}

/** A page in all forms in which an environment may have shown it. */
function forms(shop: Shop, session: Session, options: PageOptions): readonly string[] {
  const page = pageOf(shop, session, options);
  const text = pageText(page, session, 'text');
  return [
    text,
    pageText(page, session, 'text_rich'),
    formatObservation(text, session, 'spark'),
    formatObservation(text, session, 'verl-agent'),
  ];
}

/** Whether a recording is a page, alone or after earlier observations and actions. */
const shows = (recorded: string, [text, rich, ...cut]: readonly string[]): boolean =>
  [text, rich, ...cut].includes(recorded) ||
  [text, rich].some((each) => each !== undefined && recorded.endsWith(` [SEP] ${each}`));

function replayWith(shop: Shop, episode: Episode, options: PageOptions): Replay {
  const goal = shop.goals.at(episode.goal);
  let session = freshSession(String(episode.goal), goal);
  const differences: string[] = [];
  if (episode.instruction !== null && episode.instruction !== goal.instruction) {
    differences.push(
      `Goal ${episode.goal} of this shop has another instruction than the recording: "${episode.instruction}". The recording was made with other data.`,
    );
  }
  const moments: ReplayMoment[] = [];
  const add = (turn: EpisodeTurn | null, recorded: string | null): void => {
    const all = forms(shop, session, options);
    const agrees = recorded === null ? null : shows(recorded, all);
    moments.push({ session, turn, recorded, shown: all[0]!, agrees });
  };
  for (const turn of episode.turns) {
    add(turn, turn.observation);
    if (session.page !== 'done') session = visit(shop, session, turn.action, options);
    else if (!differences.includes(AFTER_THE_END)) differences.push(AFTER_THE_END);
  }
  add(null, episode.end.observation);
  const different = moments.flatMap(({ agrees }, place) => (agrees === false ? [place] : []));
  if (different.length > 0) {
    differences.push(
      `The shop shows something else than was recorded on ${different.length} of ${moments.length} pages, first on page ${different[0]! + 1}.`,
    );
  }
  const { score } = episode.end;
  if (score !== null && Math.abs(score - session.reward) > 1e-9)
    differences.push(`The recorded score is ${score}; the shop pays ${session.reward} now.`);
  return { episode, options, moments, differences };
}

const AFTER_THE_END = 'The recording goes on after something was bought.';

/**
 * Replays an episode action by action through {@link visit}, and compares each page with what was recorded, in any of the
 * forms in which an environment may have shown it.
 *
 * @throws InvalidInputError when the shop has no such goal
 */
export function replayEpisode(shop: Shop, episode: Episode): Replay {
  if (episode.goal >= shop.goals.length) {
    throw new InvalidInputError(
      `${episode.title} is of goal ${episode.goal}, and the shop has ${shop.goals.length} goals`,
      {
        field: 'goal',
        value: episode.goal,
        remedy: 'Open the shop with the data that the episode was recorded with.',
      },
    );
  }
  // Whether products had a page with attributes was not recorded.
  const plain = replayWith(shop, episode, { showAttributes: false });
  if (plain.differences.length === 0) return plain;
  const withAttributes = replayWith(shop, episode, { showAttributes: true });
  const wrong = ({ moments }: Replay): number =>
    moments.filter(({ agrees }) => agrees === false).length;
  return wrong(withAttributes) < wrong(plain) ? withAttributes : plain;
}
