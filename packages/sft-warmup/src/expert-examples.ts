import {
  InvalidInputError,
  type AgentBrief,
  type AgentProtocol,
  type Generation,
  type Message,
  type PastTurn,
  type Prompt,
} from '@spark-rl/core';
import type { SequenceRow } from '@spark-rl/tensor';

import type { ExpertEpisode } from './expert-episode.js';
import { groupContinued, joinTokens, packGroup } from './pack-turns.js';

/** Text to token ids, as the policy that will be trained does it. */
export interface ExampleTokenizer {
  readonly encode: (text: string) => Int32Array;
  /** The id that ends a response. */
  readonly endOfSequence: number;
  /** The ids of a chat prompt, up to where the response begins; needed for protocols that make messages. */
  readonly encodeMessages?: (messages: readonly Message[]) => Int32Array;
  /**
   * The ids of any prompt, exactly as the policy encodes it, such as with a begin-of-sequence token in front; instead of the two above.
   */
  readonly encodePrompt?: (prompt: Prompt) => Int32Array;
}

/** A turn of an expert in tokens. */
export interface ExampleTurn {
  /** Which episode it is of: an index. */
  readonly episode: number;
  /** The turn's index in the episode, from 0. */
  readonly index: number;
  readonly mode: string;
  readonly promptTokens: Int32Array;
  /** The rendered response and the end-of-sequence token. */
  readonly responseTokens: Int32Array;
}

/** Expert turns as rows to train. */
export interface ExpertExamples {
  /** Rows whose targets are exactly the response tokens, end of sequence included. */
  readonly rows: readonly SequenceRow[];
  /** The turns in the rows. */
  readonly turns: readonly ExampleTurn[];
  /** How many rows were left out because they exceed the context. */
  readonly tooLong: number;
}

/** What {@link expertExamples} works with. */
export interface ExampleSettings {
  readonly episodes: readonly ExpertEpisode[];
  readonly protocol: AgentProtocol;
  readonly brief: AgentBrief;
  readonly tokenizer: ExampleTokenizer;
  /** Rows of more tokens are left out; none when absent. */
  readonly contextLength?: number;
}

/** Each text segment is encoded by itself and kept tokens are used as they are, which is what a policy does at rollout. */
function encodePrompt(prompt: Prompt, tokenizer: ExampleTokenizer): Int32Array {
  if (tokenizer.encodePrompt !== undefined) return tokenizer.encodePrompt(prompt);
  if (prompt.kind === 'transcript') {
    return joinTokens(
      prompt.segments.map((part) => ('tokens' in part ? part.tokens : tokenizer.encode(part.text))),
    );
  }
  if (tokenizer.encodeMessages !== undefined) return tokenizer.encodeMessages(prompt.messages);
  throw new InvalidInputError('the protocol makes messages, and the tokenizer cannot encode them', {
    field: 'tokenizer.encodeMessages',
    remedy: "Give encodeMessages (the policy's chat template), or use a transcript protocol.",
  });
}

function encodeEpisode(
  { instruction, steps }: ExpertEpisode,
  episode: number,
  { protocol, brief, tokenizer }: ExampleSettings,
): ExampleTurn[] {
  const past: PastTurn[] = [];
  return steps.map(({ observation, admissible, turn }, index) => {
    const shown = protocol.wantsAdmissible && admissible !== undefined ? { admissible } : {};
    const prompt = protocol.prompt({ brief, instruction, past: [...past], observation, ...shown });
    const promptTokens = encodePrompt(prompt, tokenizer);
    const text = protocol.render(turn);
    const end = Int32Array.of(tokenizer.endOfSequence);
    const responseTokens = joinTokens([tokenizer.encode(text), end]);
    const generation: Generation = {
      text,
      policyVersion: 'expert',
      finish: 'stop',
      promptTokens,
      responseTokens,
      logProbs: new Float32Array(responseTokens.length),
      cachedPromptTokens: 0,
    };
    past.push({ observation, action: turn.action, generation });
    return { episode, index, mode: turn.mode, promptTokens, responseTokens };
  });
}

/**
 * Turns expert episodes into token rows: exactly the tokens that a policy with this protocol and tokenizer sees and writes, with the response
 * tokens, end of sequence included, as targets. An append-only transcript gives one row an episode, windowed prompts a row a turn.
 *
 * @throws InvalidInputError when a turn cannot be rendered, or prompts are messages and the tokenizer cannot encode them
 */
export function expertExamples(settings: ExampleSettings): ExpertExamples {
  const { contextLength = Infinity } = settings;
  const groups = settings.episodes.flatMap((episode, i) =>
    groupContinued(encodeEpisode(episode, i, settings)),
  );
  const kept = groups
    .map((turns) => ({ turns, row: packGroup(turns) }))
    .filter(({ row }) => row.tokens.length <= contextLength);
  return {
    rows: kept.map(({ row }) => row),
    turns: kept.flatMap(({ turns }) => turns),
    tooLong: groups.length - kept.length,
  };
}
