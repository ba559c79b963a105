import type { ServedTokenizer } from './served-model.js';

/** What a token is called in log-probabilities. */
export interface TokenName {
  readonly token: string;
  /** Its UTF-8 bytes; null where it is a part of a character, whose bytes a text cannot show. */
  readonly bytes: readonly number[] | null;
}

/** Names tokens by their texts, or by their ids where there is no text or ids are asked for: texts of different tokens may be equal. */
export function tokenNames(
  tokenizer: Pick<ServedTokenizer, 'decode'> | undefined,
  asIds: boolean,
): (token: number) => TokenName {
  const encoder = new TextEncoder();
  return (id) => {
    const text = tokenizer?.decode([id]);
    const token = text === undefined || asIds ? `token_id:${id}` : text;
    const bytes =
      text === undefined || text.includes('\uFFFD') ? null : Array.from(encoder.encode(text));
    return { token, bytes };
  };
}
