import { agentProtocol, namedGrammars, type GrammarName } from '@spark-rl/agent-protocol';
import { observationText, type AgentProtocol, type Expert, type ExpertTurn } from '@spark-rl/core';

import type { ModelConfig } from '../config/model-schema.js';
import type { AgentConfig } from '../config/schema.js';
import type { WorldParts } from './world.js';

const FRUITLESS = /nothing happen|can(?:'|no)t|not /i;

/** How an expert's turn is said with RLVMR's four tags: a plan first, a reflection after an action that did nothing. */
function withFourTags(turn: ExpertTurn, isFirst: boolean, observation: string): string {
  if (isFirst) return 'planning';
  if (turn.mode === 'explore') return 'explore';
  return observation.length < 60 && FRUITLESS.test(observation) ? 'reflection' : 'monitor';
}

/** The same expert, who says its turns in the modes of a grammar; embedded experts speak in those of SPARK. */
export function speaking(expert: Expert, grammar: GrammarName): Expert {
  if (grammar === 'spark') return expert;
  return {
    id: `${expert.id}-${grammar}`,
    begin: (start) => {
      const session = expert.begin(start);
      let isFirst = true;
      return {
        act: (observation) => {
          const turn = session.act(observation);
          const mode =
            grammar === 'react'
              ? 'think'
              : withFourTags(turn, isFirst, observationText(observation));
          isFirst = false;
          return { ...turn, mode };
        },
      };
    },
  };
}

/** The tags of a grammar as they stand in responses: single tokens of a tokenizer that is trained for it. */
export const tagsOf = (grammar: GrammarName): readonly string[] =>
  [...Object.values<string>(namedGrammars[grammar].modes), 'action'].flatMap((tag) => [
    `<${tag}>`,
    `</${tag}>`,
  ]);

/**
 * The words of an agent. One that is trained from nothing sees transcripts that grow without a window, and say neither the rules, nor the
 * task where the world says it: such a model learns them from the games. A published one is told both; where it speaks in chats, every
 * turn is a message of its own with the last turns in it.
 */
export function agentWords(
  { grammar, prompt, history, admissible }: AgentConfig,
  model: Pick<ModelConfig, 'from'>,
  { expert, tellsTask }: Pick<WorldParts, 'expert' | 'tellsTask'>,
): { readonly protocol: AgentProtocol; readonly expert: Expert } {
  const protocol =
    prompt === 'messages'
      ? agentProtocol({ grammar, form: 'messages', history, admissible })
      : agentProtocol({
          grammar,
          form: 'transcript',
          brief: model.from === 'folder',
          instruction: !tellsTask,
        });
  return { protocol, expert: speaking(expert, grammar) };
}
