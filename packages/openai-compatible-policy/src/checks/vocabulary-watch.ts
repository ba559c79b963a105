import { TokenizerChangedError } from '../errors.js';
import type { SampledTokens } from '../dialects/dialect.js';

/** Texts that mean the same in any context: servers write part of a character in ways that depend on its neighbours. */
const isPlain = (text: string): boolean => /^[\x20-\x7e]+$/.test(text);

/**
 * Remembers what text each token id stood for, and notices when one stands for another: then the server has another tokenizer than when the
 * ids that are kept were drawn. It costs nothing, since servers tell the texts beside the log-probabilities. Plain ASCII texts are compared.
 *
 * @returns what looks at the tokens of a response
 * @throws TokenizerChangedError, from what is returned
 */
export function vocabularyWatch(): (tokens: SampledTokens) => void {
  const known = new Map<number, string>();
  return ({ response, texts }) => {
    for (const [i, text] of (texts ?? []).entries()) {
      const id = response[i];
      if (text === undefined || id === undefined || !isPlain(text)) continue;
      const before = known.get(id);
      if (before === undefined) known.set(id, text);
      else if (before !== text) {
        throw new TokenizerChangedError(
          `token ${id} was ${JSON.stringify(before)} before, and is ${JSON.stringify(text)} now: the server has another tokenizer`,
          {
            field: 'answer',
            value: id,
            remedy:
              'Start every server with the same model and tokenizer, and begin the run anew: kept token ids mean other texts now',
          },
        );
      }
    }
  };
}
