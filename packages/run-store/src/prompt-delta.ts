import {
  decodeArray,
  encodeArray,
  type EncodedArray,
  type JsonValue,
  type NodeId,
  type Turn,
} from '@spark-rl/core';

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

const withPrompt = (line: TurnLine, promptTokens: JsonValue): JsonValue =>
  ({
    ...line,
    turn: { ...line.turn, generation: { ...line.turn.generation, promptTokens } },
  }) as unknown as JsonValue;

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

/** Undoes {@link shortenPrompt}; `parentOf` finds a turn that was read before. */
export function restorePrompt(
  line: JsonValue,
  parentOf: (id: NodeId) => Turn | undefined,
): JsonValue {
  const { type, turn } = line as unknown as TurnLine;
  const shortened =
    type === 'turn' ? (turn.generation.promptTokens as { readonly added?: EncodedArray }) : {};
  const parent = type === 'turn' && turn.parent !== null ? parentOf(turn.parent) : undefined;
  if (shortened.added === undefined || parent === undefined) return line;
  const before = tokensThrough(parent);
  const added = decodeArray(shortened.added);
  const prompt = new Int32Array(before.length + added.length);
  prompt.set(before);
  prompt.set(added, before.length);
  const encoded = encodeArray(prompt);
  return withPrompt(line as unknown as TurnLine, { type: encoded.type, base64: encoded.base64 });
}
