import type { AgentBrief } from './environment.js';
import type { Generation, Prompt } from './policy.js';

/** A response, taken apart by a grammar. */
export interface ParsedResponse {
  /** Whether the response keeps the grammar. */
  readonly valid: boolean;
  /** Why not, in words; present exactly when `valid` is false. */
  readonly reason?: string;
  /** The reasoning mode used, such as `explore` or `think`; null when none was recognised. */
  readonly mode: string | null;
  readonly reasoning: string;
  /** What the environment receives: the action of a valid response, the empty string otherwise. */
  readonly action: string;
}

/** One finished turn, as a prompt may show it. */
export interface PastTurn {
  /** What was observed before the action. */
  readonly observation: string;
  readonly action: string;
  readonly generation: Generation;
}

/** All that a prompt may speak of. */
export interface PromptContext {
  readonly brief: AgentBrief;
  readonly instruction: string;
  /** The turns so far, oldest first. */
  readonly past: readonly PastTurn[];
  /** What is observed now. */
  readonly observation: string;
  /** The actions that do something here; present when the protocol wants them and the environment tells. */
  readonly admissible?: readonly string[];
}

/** The words between an agent and its world: how a situation becomes a prompt, and how a response becomes an action. */
export interface AgentProtocol {
  readonly id: string;
  /** Whether prompts name the admissible actions. */
  readonly wantsAdmissible: boolean;
  readonly prompt: (context: PromptContext) => Prompt;
  readonly parse: (text: string) => ParsedResponse;
  /** The response text that says this turn; the inverse of `parse`, used by the warm-up. */
  readonly render: (turn: {
    readonly mode: string;
    readonly reasoning: string;
    readonly action: string;
  }) => string;
}
