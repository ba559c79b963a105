import type { SampledToken } from '@spark-rl/core';

import type { AnswerForm, AnswerHead, Piece } from './answer-parts.js';
import { eventQueue } from './event-queue.js';
import type { GenerationPlan } from './generation-plan.js';
import { growingText } from './growing-text.js';
import { runPlan, type Choice } from './run-plan.js';
import { sampledTokens } from './sampled-tokens.js';
import type { ServedModel } from './served-model.js';
import { usageOf } from './usage.js';

/** Cuts one choice into parts. */
function choicePieces(index: number, plan: GenerationPlan, { tokenizer }: ServedModel) {
  const text =
    tokenizer === undefined ? undefined : growingText(tokenizer, plan.sampling.stop ?? []);
  // Who reads tokens gets each when it is drawn; who reads text alone is not woken without any.
  const eager = plan.tokenIds || plan.topLogProbs !== null;
  let [told, offset] = [0, 0];
  const waiting: SampledToken[] = [];
  const cut = (shown: string, done: Choice | null, more: readonly SampledToken[] = []): Piece => {
    const tokens = [...waiting.splice(0), ...more];
    const piece = { index, text: shown, tokens, offset, done };
    offset += shown.length;
    return piece;
  };
  return {
    push: (token: SampledToken): Piece | null => {
      if (text === undefined) return null;
      told++;
      waiting.push(token);
      const shown = text.push(token);
      return shown === '' && !eager ? null : cut(shown, null);
    },
    end: (choice: Choice): Piece => {
      const { generation } = choice;
      const rest = text === undefined ? generation.text : text.rest(generation.text);
      // What the policy did not tell while it sampled.
      return cut(rest, choice, sampledTokens(generation).slice(told));
    },
  };
}

/**
 * Answers a request while the responses grow: the objects of a stream, in the order they are sent. A choice whose policy tells nothing on the
 * way, or that is voted on, comes whole at its end.
 *
 * @throws what the policy throws, after the parts that were sampled before
 */
export async function* answerStream(
  plan: GenerationPlan,
  model: ServedModel,
  form: AnswerForm,
  head: AnswerHead,
  signal: AbortSignal,
): AsyncGenerator<object, void, undefined> {
  const count = plan.prompts.length * plan.choices;
  const pieces = Array.from({ length: count }, (_, i) => choicePieces(i, plan, model));
  const opened = new Set<number>();
  const left = new AbortController();
  const queue = eventQueue<Piece>();
  const running = runPlan(plan, model.policy, model.parse, AbortSignal.any([signal, left.signal]), {
    onToken: (index, token) => {
      const piece = pieces[index]!.push(token);
      if (piece !== null) queue.push(piece);
    },
    onChoice: (choice) => queue.push(pieces[choice.index]!.end(choice)),
  });
  running.then(
    () => queue.end(),
    (cause: unknown) => queue.end(cause instanceof Error ? cause : new Error(String(cause))),
  );
  try {
    for await (const piece of queue.events) {
      if (!opened.has(piece.index)) {
        opened.add(piece.index);
        yield* form.opening(head, piece.index);
      }
      yield form.part(head, piece);
    }
    if (plan.includeUsage) yield form.usage(head, usageOf(await running));
  } finally {
    // Whoever stops reading has no use for the rest.
    left.abort();
  }
}
