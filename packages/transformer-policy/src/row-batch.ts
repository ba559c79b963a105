import type { ParameterSet } from '@spark-rl/tensor';

import type { TransformerConfig } from './config.js';
import type { GenerationCall } from './generation-call.js';
import type { IncrementalDecoder, NewTokens } from './incremental-decoder.js';
import { cacheShape, keyValuePool, SLOT_STEP } from './key-value-pool.js';
import type { PrefixCache, PrefixMatch } from './prefix-cache.js';

/** A prompt's new part is worth sharing with calls beside it from this many tokens on. */
const WORTH_SHARING = 32;

interface Row {
  readonly call: GenerationCall;
  /** How many of its tokens the pool has keys and values of. */
  fed: number;
}

/** A call that gets a row, and what the cache knows of its prompt. */
interface Seated {
  readonly call: GenerationCall;
  readonly match: PrefixMatch;
}

/** What a batch did since it was made. */
export interface BatchCounters {
  generatedTokens: number;
  promptTokens: number;
  cachedPromptTokens: number;
  decodeSteps: number;
  decodedRows: number;
}

/** The calls in work: each has a row of the pool, and every step gives each row a token. */
export interface RowBatch {
  readonly rows: () => number;
  /** Takes in calls from the front of `waiting`, as many as there is room for, and draws the first token of each. */
  readonly admit: (waiting: GenerationCall[], parameters: ParameterSet) => Promise<void>;
  /** Draws one more token for every row. Rows whose call ends leave. */
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
}

function commonPrefix(a: Int32Array, b: Int32Array): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}

/** An empty batch. */
export function rowBatch(parts: RowBatchParts): RowBatch {
  const { config, decoder, cache, counters, maxRows, prefillChunk } = parts;
  // A lone row is fed with the row after it as its neighbour (see the decoder), so there is one more.
  const pool = keyValuePool(cacheShape(config), maxRows + 1);
  const rows: Row[] = [];

  const reserve = (length: number): void => {
    const slots = pool.slots();
    if (length > slots || length + 2 * SLOT_STEP <= slots)
      pool.resize(
        length,
        rows.map((row) => row.fed),
      );
  };

  const remember = (index: number, length: number): void => {
    const { call } = rows[index]!;
    cache.insert(call.tokens, length, (start, end) => pool.store(index, start, end));
  };

  /** Removes the rows whose call has ended; the last row moves into each hole. */
  const leave = (): void => {
    for (let index = rows.length - 1; index >= 0; index--) {
      const row = rows[index]!;
      if (!row.call.settled()) continue;
      remember(index, row.fed);
      const last = rows.pop()!;
      if (last === row) continue;
      pool.copyRow(rows.length, index, last.fed);
      rows[index] = last;
    }
  };

  const accept = (row: Row, logits: Float32Array, at: number): void => {
    if (row.call.settled()) return;
    counters.generatedTokens += 1;
    const size = config.vocabularySize;
    row.call.accept(logits.subarray(at * size, (at + 1) * size));
  };

  /** Whether a call would do well to wait for the next round, when it finds what it shares with a call just seated in the cache. */
  const isSharedWith = (call: GenerationCall, known: number, seated: readonly Seated[]): boolean =>
    cache.enabled &&
    seated.some((other) => commonPrefix(call.prompt, other.call.prompt) - known >= WORTH_SHARING);

  /** Moves calls that fit from `waiting` to new rows at the end, those with the least to prefill first. */
  const seat = (waiting: GenerationCall[]): void => {
    const seated: Seated[] = [];
    const later: GenerationCall[] = [];
    const hasRoom = (): boolean => rows.length + seated.length < maxRows;
    for (const call of waiting.splice(0)) {
      if (call.settled()) continue;
      const match = hasRoom() ? cache.match(call.prompt, call.prompt.length - 1) : undefined;
      if (match === undefined || isSharedWith(call, match.length, seated)) later.push(call);
      else seated.push({ call, match });
    }
    waiting.push(...later);
    if (seated.length === 0) return;
    const left = ({ call, match }: Seated): number => call.prompt.length - match.length;
    seated.sort((a, b) => left(a) - left(b));
    reserve(
      Math.max(...rows.map((row) => row.fed), ...seated.map(({ call }) => call.prompt.length)),
    );
    for (const { call, match } of seated) {
      let start = 0;
      for (const run of match.runs) {
        pool.load(rows.length, start, run.segment, 0, run.length);
        start += run.length;
      }
      call.cached = match.length;
      counters.promptTokens += call.prompt.length;
      counters.cachedPromptTokens += match.length;
      rows.push({ call, fed: match.length });
    }
  };

  return {
    rows: () => rows.length,
    admit: async (waiting, parameters) => {
      leave();
      const opened = rows.length;
      seat(waiting);
      let first = opened;
      while (first < rows.length) {
        const part = rows.slice(first);
        const news = part.map(({ call, fed }): NewTokens => {
          const end = Math.min(call.prompt.length, fed + prefillChunk);
          return { start: fed, tokens: call.prompt.subarray(fed, end) };
        });
        const logits = await decoder.feed(parameters, pool, first, news);
        part.forEach((row, at) => {
          row.fed += news[at]!.tokens.length;
          if (row.fed < row.call.prompt.length) return;
          first += 1;
          accept(row, logits, at);
        });
      }
      rows.slice(opened).forEach(({ call }, at) => {
        if (call.prompt.length - call.cached >= WORTH_SHARING)
          remember(opened + at, call.prompt.length);
      });
      leave();
    },
    step: async (parameters) => {
      leave();
      if (rows.length === 0) return;
      reserve(Math.max(...rows.map((row) => row.fed)) + 1);
      const news = rows.map(({ call, fed }): NewTokens => ({
        start: fed,
        tokens: call.tokens.subarray(fed, fed + 1),
      }));
      const logits = await decoder.feed(parameters, pool, 0, news);
      counters.decodeSteps += 1;
      counters.decodedRows += rows.length;
      rows.forEach((row, at) => {
        row.fed += 1;
        accept(row, logits, at);
      });
      leave();
    },
    drop: (error) => {
      for (const { call } of rows.splice(0)) call.fail(error);
    },
  };
}
