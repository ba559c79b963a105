import { leavesBelow, type CreditCopy, type Tree, type Turn } from '@spark-rl/core';

import type { CopyView, TokenView, TurnDetail } from '../shared/views.js';

/** Tells the text of tokens; given by whoever knows the run's tokenizer. */
export interface TokenDecoder {
  /** The text of each token; a token that only completes with later ones has an empty text. */
  readonly pieces: (tokens: Int32Array) => readonly string[];
  /** The text of all tokens together. */
  readonly decode: (tokens: Int32Array) => string;
}

const rounded = (value: number): number => Math.round(value * 1e5) / 1e5;

/**
 * The texts of a response's tokens. A tokenizer that gives another text than was recorded is not the one that the tokens are of: then
 * none is told, rather than a wrong one.
 */
function piecesOf(turn: Turn, decoder: TokenDecoder | undefined): readonly string[] | undefined {
  const pieces = decoder?.pieces(turn.generation.responseTokens);
  // The end of the sequence is a token of the response, but not of its text.
  return pieces?.join('').startsWith(turn.generation.text) === true ? pieces : undefined;
}

/** What the panel shows of one turn. */
export function turnDetail(
  tree: Tree,
  turn: Turn,
  copies: readonly CreditCopy[],
  decoder: TokenDecoder | undefined,
): TurnDetail {
  const { generation } = turn;
  const pieces = piecesOf(turn, decoder);
  const leaves = new Map(
    leavesBelow(tree)
      .get(turn.id)
      ?.map((leaf) => [leaf.id, leaf]),
  );
  return {
    id: turn.id,
    prompt: pieces === undefined ? null : decoder!.decode(generation.promptTokens),
    promptTokens: generation.promptTokens.length,
    policyVersion: generation.policyVersion,
    finish: generation.finish,
    tokens: [...generation.responseTokens].map((id, index): TokenView => {
      const entropy = generation.entropies?.[index];
      return {
        id,
        text: pieces?.[index] ?? null,
        logProb: rounded(generation.logProbs[index]!),
        ...(entropy !== undefined && { entropy: rounded(entropy) }),
      };
    }),
    copies: copies.map(({ leaf, advantage, weight }): CopyView => ({
      leaf: leaf ?? null,
      outcome: leaf === undefined ? null : (leaves.get(leaf)?.outcome ?? null),
      advantage,
      weight,
    })),
    rating: turn.rating?.value ?? null,
  };
}
