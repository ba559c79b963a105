import type { ParameterSet } from '@spark-rl/tensor';

import { batchRows, type Row, type Seated } from './batch-rows.js';
import type { TransformerConfig } from './config.js';
import type { GenerationCall } from './generation-call.js';
import type { IncrementalDecoder, NewTokens } from './incremental-decoder.js';
import { cacheShape } from './key-value-pool.js';
import type { PrefixCache } from './prefix-cache.js';

/** A prompt's new part is worth sharing with calls beside it from this many tokens on. */
const WORTH_SHARING = 16;

/** What a batch did since it was made. */
export interface BatchCounters {
  generatedTokens: number;
  promptTokens: number;
  cachedPromptTokens: number;
  prefilledTokens: number;
  prefillSteps: number;
  decodeSteps: number;
  decodedRows: number;
}

/** The calls in work: each has a row of the pool, and every step gives each row that decodes a token. */
export interface RowBatch {
  readonly rows: () => number;
  /** Takes in calls from the front of `waiting`, as many as there is room for. Rows whose call has ended leave first. */
  readonly admit: (waiting: GenerationCall[]) => void;
  /** Reads one more chunk of the prompts that are not known yet; a row whose prompt is gets its first token. */
  readonly prefill: (parameters: ParameterSet) => Promise<void>;
  /** Draws one more token for every row that decodes. Rows whose call ends leave. */
  readonly step: (parameters: ParameterSet) => Promise<void>;
  /** Gives up every row; `error` ends its call. */
  readonly drop: (error: Error) => void;
}

/** What a batch is made of. */
interface RowBatchParts {
  readonly config: TransformerConfig;
  readonly decoder: IncrementalDecoder;
  readonly cache: PrefixCache;
  readonly counters: BatchCounters;
  readonly maxRows: number;
  /** How many new tokens of a prompt go through the model at once. */
  readonly prefillChunk: number;
  /** How many new prompt tokens of all rows together go through the model between two steps of rows that decode. */
  readonly prefillTokens: number;
}

function commonPrefix(a: Int32Array, b: Int32Array): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}

const promptIsKnown = ({ call, fed }: Row): boolean => fed >= call.prompt.length;

/** An empty batch. */
export function rowBatch(parts: RowBatchParts): RowBatch {
  const { config, decoder, cache, counters, maxRows, prefillChunk, prefillTokens } = parts;
  const rows = batchRows(cacheShape(config), maxRows, cache);
  const { pool } = rows;
  /** The row whose prompt a waiting call waits to find in the cache. */
  const leaders = new WeakMap<GenerationCall, Row>();

  const accept = (row: Row, logits: Float32Array, at: number): void => {
    if (row.call.settled()) return;
    counters.generatedTokens += 1;
    const size = config.vocabularySize;
    row.call.accept(logits.subarray(at * size, (at + 1) * size));
  };

  const isWaitingForAnother = (call: GenerationCall): boolean => {
    const leader = leaders.get(call);
    return leader !== undefined && !leader.call.settled() && !promptIsKnown(leader);
  };

  /** Whether a call would do well to wait until it finds what it shares with a prompt that is being read in the cache. */
  const hasLeader = (call: GenerationCall, known: number, seated: readonly Seated[]): boolean => {
    if (!cache.enabled) return false;
    const isShared = (other: GenerationCall): boolean =>
      commonPrefix(call.prompt, other.prompt) - known >= WORTH_SHARING;
    const leader = rows
      .all()
      .slice(rows.decoding())
      .find((row) => !row.call.settled() && isShared(row.call));
    if (leader !== undefined) leaders.set(call, leader);
    return leader !== undefined || seated.some((other) => isShared(other.call));
  };

  return {
    rows: () => rows.all().length,
    admit: (waiting) => {
      rows.removeEnded();
      const seated: Seated[] = [];
      const later: GenerationCall[] = [];
      for (const call of waiting.splice(0)) {
        if (call.settled()) continue;
        const hasRoom = rows.all().length + seated.length < maxRows;
        const match =
          hasRoom && !isWaitingForAnother(call)
            ? cache.match(call.prompt, call.prompt.length - 1)
            : undefined;
        if (match === undefined || hasLeader(call, match.length, seated)) later.push(call);
        else seated.push({ call, match });
      }
      waiting.push(...later);
      if (seated.length === 0) return;
      rows.seat(seated);
      for (const { call, match } of seated) {
        call.cached = match.length;
        counters.promptTokens += call.prompt.length;
        counters.cachedPromptTokens += match.length;
      }
    },
    prefill: async (parameters) => {
      rows.removeEnded();
      const first = rows.decoding();
      const most = first === 0 ? Infinity : Math.max(1, Math.floor(prefillTokens / prefillChunk));
      const count = Math.min(rows.all().length - first, most);
      if (count === 0) return;
      rows.bringOldest(count);
      const part = rows.all().slice(first, first + count);
      const news = part.map(({ call, fed }): NewTokens => {
        const end = Math.min(call.prompt.length, fed + prefillChunk);
        return { start: fed, tokens: call.prompt.subarray(fed, end) };
      });
      const logits = await decoder.feed(parameters, pool, first, news);
      counters.prefillSteps += 1;
      part.forEach((row, at) => {
        const { length } = news[at]!.tokens;
        row.fed += length;
        counters.prefilledTokens += length;
      });
      part.forEach((row, at) => {
        if (row.call.settled() || !promptIsKnown(row)) return;
        const { prompt, cached } = row.call;
        if (prompt.length - cached >= WORTH_SHARING) rows.remember(row, prompt.length);
        rows.startDecoding(row);
        accept(row, logits, at);
      });
      rows.removeEnded();
    },
    step: async (parameters) => {
      rows.removeEnded();
      const part = rows.all().slice(0, rows.decoding());
      if (part.length === 0) return;
      rows.reserveStep();
      const news = part.map(({ call, fed }): NewTokens => ({
        start: fed,
        tokens: call.tokens.subarray(fed, fed + 1),
      }));
      const logits = await decoder.feed(parameters, pool, 0, news);
      counters.decodeSteps += 1;
      counters.decodedRows += part.length;
      part.forEach((row, at) => {
        row.fed += 1;
        accept(row, logits, at);
      });
      rows.removeEnded();
    },
    drop: (error) => {
      for (const { call } of rows.clear()) call.fail(error);
    },
  };
}
