const NAMED = /^token_id:(\d+)$/;

/** The id in a token's name of the form `token_id:123` (vLLM's `return_tokens_as_token_ids`); undefined where it is the token's text. */
export function tokenIdOf(name: string): number | undefined {
  const id = NAMED.exec(name)?.[1];
  return id === undefined ? undefined : Number(id);
}
