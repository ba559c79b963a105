import { PolicyError, type SparkErrorDetails } from '@spark-rl/core';

/** The server does not tell which tokens it sampled, or not with what probability, so that nothing can be trained on its responses. */
export class TokensUnavailableError extends PolicyError {
  constructor(message: string, details: SparkErrorDetails = {}) {
    super(message, details);
    this.name = 'TokensUnavailableError';
  }
}

/** What a server says of its tokens does not fit together: counts, ids or the prompt it says it read. */
export class TokenMismatchError extends PolicyError {
  constructor(message: string, details: SparkErrorDetails = {}) {
    super(message, details);
    this.name = 'TokenMismatchError';
  }
}

/** A server has another tokenizer than before, or than its neighbours: token ids no longer mean what they meant. */
export class TokenizerChangedError extends PolicyError {
  constructor(message: string, details: SparkErrorDetails = {}) {
    super(message, details);
    this.name = 'TokenizerChangedError';
  }
}

/** The server cannot sample as asked, or cannot tell the log-probabilities of the distribution that it would sample from. */
export class SamplingUnsupportedError extends PolicyError {
  constructor(message: string, details: SparkErrorDetails = {}) {
    super(message, details);
    this.name = 'SamplingUnsupportedError';
  }
}

/** A replayed cassette does not hold the call that was made. */
export class CassetteMissError extends PolicyError {
  constructor(message: string, details: SparkErrorDetails = {}) {
    super(message, details);
    this.name = 'CassetteMissError';
  }
}
