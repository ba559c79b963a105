import type { TensorOps } from './ops.js';
import type { HostTensor, Named, TensorSpec } from './program.js';
import type { TrieBatch } from './trie-batch.js';

/**
 * A causal language model as a tensor program: all that a loss needs to know of it. Losses are written against this interface, so
 * they train any model that offers it.
 */
export interface LanguageModel {
  /** The shape of every parameter. */
  readonly parameters: Named<readonly number[]>;
  /** Names of parameters that a loss hands to `LossProgram.frozen`: training leaves them as they are. Default none. */
  readonly frozen?: readonly string[];
  readonly vocabularySize: number;
  /** The most tokens a row may have. */
  readonly contextLength: number;
  /** What `logits` needs beside the parameters; made by `prepare`. Named dimensions: `batch` and `time`. */
  readonly inputs: Named<TensorSpec>;
  /** The inputs for `batch` rows of `time` token ids each (row-major, padded at the end with any valid id). */
  readonly prepare: (tokens: Int32Array, batch: number, time: number) => Named<HostTensor>;
  /**
   * Next-token logits at chosen positions. `positions` are int32 [n], indices into the flattened [batch * time] tokens;
   * the result is [n, vocabularySize] and predicts the token that follows each position. No position sees a later token.
   */
  readonly logits: <T>(
    ops: TensorOps<T>,
    parameters: Named<T>,
    inputs: Named<T>,
    positions: T,
  ) => T;
  /** The same model over rows that share their beginnings (`batchTries`), where it can: what is shared goes through it once. */
  readonly tries?: TrieModel;
}

/** A language model over tries: a token sees the path that leads to it and nothing else, so that its logits are those of its row alone. */
export interface TrieModel {
  /** What `logits` needs beside the parameters; made by `prepare`. Named dimensions: `batch`, `time` and `path`, numbered by group. */
  readonly inputs: Named<TensorSpec>;
  readonly prepare: (batch: Pick<TrieBatch, 'groups'>) => Named<HostTensor>;
  /** As {@link LanguageModel.logits}, at places in the tokens of all groups, one after the other. */
  readonly logits: LanguageModel['logits'];
}

/** What a loss needs of a model, however its rows are put together. */
export type ModelProgram = Omit<LanguageModel, 'prepare' | 'tries'>;

/** A causal model that says of a position what may be hoped for there, such as a value head on a transformer: all that a loss needs of it. */
export interface ValueModel extends Omit<LanguageModel, 'vocabularySize' | 'logits' | 'tries'> {
  /**
   * The logit of success at chosen positions. `positions` are int32 [n], indices into the flattened [batch * time] tokens; the result
   * is [n]. No position sees a later token.
   */
  readonly values: LanguageModel['logits'];
}
