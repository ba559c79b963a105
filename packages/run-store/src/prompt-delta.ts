import { decodeArray, encodeArray, type JsonValue, type NodeId, type Turn } from '@spark-rl/core';
import { z } from 'zod';

/** The tokens that an append-only prompt after `parent` begins with. */
function tokensThrough(parent: Turn): Int32Array {
  const { promptTokens, responseTokens } = parent.generation;
  const tokens = new Int32Array(promptTokens.length + responseTokens.length);
  tokens.set(promptTokens);
  tokens.set(responseTokens, promptTokens.length);
  return tokens;
}

interface TurnLine {
  readonly type: 'turn';
  readonly turn: {
    readonly parent: NodeId | null;
    readonly generation: { readonly promptTokens: JsonValue };
  };
}

const withPrompt = (line: TurnLine, promptTokens: JsonValue): JsonValue => ({
  ...line,
  turn: { ...line.turn, generation: { ...line.turn.generation, promptTokens } },
});

/**
 * Writes the prompt of an append-only transcript as what it adds to its parent's tokens: `{ "added": tokens }`. Without this, a
 * path of T turns would store its first tokens T times. Prompts that do not begin with the parent's tokens stay whole.
 */
export function shortenPrompt(line: JsonValue, turn: Turn, parent: Turn | undefined): JsonValue {
  if (parent === undefined) return line;
  const before = tokensThrough(parent);
  const prompt = turn.generation.promptTokens;
  if (prompt.length < before.length || before.some((token, i) => token !== prompt[i])) return line;
  const { type, base64 } = encodeArray(prompt.subarray(before.length));
  return withPrompt(line as unknown as TurnLine, { added: { type, base64 } });
}

/** The parts of a turn's line that a shortened prompt needs; anything else is for the reader of events to refuse. */
const shortenedSchema = z.looseObject({
  type: z.literal('turn'),
  turn: z.looseObject({
    parent: z.string().transform((id) => id as NodeId),
    generation: z.looseObject({
      promptTokens: z.object({
        added: z.object({
          type: z.literal('int32'),
          base64: z
            .base64({ abort: true })
            .refine((text) => atob(text).length % 4 === 0, 'expected a multiple of 4 bytes'),
        }),
      }),
    }),
  }),
});

/** Undoes {@link shortenPrompt}; `parentOf` finds a turn that was read before. Other lines are given back as they are. */
export function restorePrompt(
  line: JsonValue,
  parentOf: (id: NodeId) => Turn | undefined,
): JsonValue {
  const read = shortenedSchema.safeParse(line);
  const parent = read.success ? parentOf(read.data.turn.parent) : undefined;
  if (!read.success || parent === undefined) return line;
  const before = tokensThrough(parent);
  const added = decodeArray(read.data.turn.generation.promptTokens.added);
  const prompt = new Int32Array(before.length + added.length);
  prompt.set(before);
  prompt.set(added, before.length);
  const encoded = encodeArray(prompt);
  return withPrompt(line as unknown as TurnLine, { type: encoded.type, base64: encoded.base64 });
}
