/** What of a prompt a server's prefix cache knows. */
export interface PrefixBlocks {
  /** How many tokens of the prompt are cached; afterwards all of its full blocks are. */
  readonly lookUp: (tokens: readonly number[]) => number;
}

/**
 * A prefix cache as vLLM has it: full blocks of `blockSize` tokens, each known by everything before it; of a prompt that is cached whole, the
 * last block is computed again, since its logits are wanted. Unlimited in size unless `mostBlocks` says otherwise; the oldest go first.
 */
export function prefixBlocks(blockSize = 16, mostBlocks = Number.POSITIVE_INFINITY): PrefixBlocks {
  const known = new Set<string>();
  return {
    lookUp: (tokens) => {
      let cached = 0;
      let unbroken = true;
      let name = '';
      for (let end = blockSize; end <= tokens.length; end += blockSize) {
        name = `${name}/${tokens.slice(end - blockSize, end).join(',')}`;
        unbroken &&= known.delete(name) || false;
        if (unbroken) cached = end;
        known.add(name);
        const [oldest] = known.size > mostBlocks ? known : [];
        if (oldest !== undefined) known.delete(oldest);
      }
      return cached === tokens.length && cached > 0 ? cached - blockSize : cached;
    },
  };
}
