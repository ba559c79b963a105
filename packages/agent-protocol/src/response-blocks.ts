/** What stands between an opening and a closing tag. */
export interface Block {
  readonly tag: string;
  readonly start: number;
  readonly end: number;
  /** Trimmed. */
  readonly content: string;
}

/** The blocks of some tags in a text, and tags that make none. */
export interface FoundBlocks {
  /** In the order they begin. */
  readonly blocks: readonly Block[];
  /** How many blocks the text would have if every opening and closing tag belonged to one. */
  readonly claimed: number;
  /** What is wrong when just one block is claimed and it is none: not closed, not opened, or the wrong way round. */
  readonly broken?: string;
}

const occurrences = (text: string, part: string): number => text.split(part).length - 1;

/** The blocks of one tag, each from an opening tag to the next closing one. */
function blocksOf(text: string, tag: string): Block[] {
  const blocks: Block[] = [];
  const [open, close] = [`<${tag}>`, `</${tag}>`];
  for (let at = 0; ;) {
    const start = text.indexOf(open, at);
    const closed = start < 0 ? -1 : text.indexOf(close, start);
    if (closed < 0) return blocks;
    at = closed + close.length;
    blocks.push({ tag, start, end: at, content: text.slice(start + open.length, closed).trim() });
  }
}

/** Finds the blocks of `tags`, and counts the tags that stand for none. */
export function findBlocks(text: string, tags: readonly string[]): FoundBlocks {
  const blocks = tags.flatMap((tag) => blocksOf(text, tag)).sort((a, b) => a.start - b.start);
  const used = tags.flatMap((tag) => {
    const opened = occurrences(text, `<${tag}>`);
    const closed = occurrences(text, `</${tag}>`);
    return opened + closed === 0 ? [] : [{ tag, opened, closed }];
  });
  const claimed = used.reduce((sum, { opened, closed }) => sum + Math.max(opened, closed), 0);
  const [only] = used;
  if (claimed !== 1 || blocks.length > 0 || only === undefined) return { blocks, claimed };
  const { tag, opened, closed } = only;
  if (closed === 0) return { blocks, claimed, broken: `the <${tag}> block is not closed` };
  if (opened === 0) return { blocks, claimed, broken: `</${tag}> without <${tag}>` };
  return { blocks, claimed, broken: `</${tag}> stands before <${tag}>` };
}
