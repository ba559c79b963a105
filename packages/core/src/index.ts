export type {
  AdvantageEstimator,
  CreditCopy,
  CreditedTree,
  Learner,
  LearningMetrics,
  TurnCredit,
} from './advantage.js';
export {
  createdLeaves,
  type Account,
  type Budget,
  type LeafAccount,
  type Ledger,
  type TurnAccounts,
  type TurnCost,
  type TurnLedger,
} from './budget.js';
export type {
  Arbiter,
  BranchingContext,
  BranchingCriterion,
  BranchingDecision,
  BranchingRequest,
  Expansion,
  ExpansionChoice,
  ExpansionContext,
  SpendingPlan,
  SpendingRule,
} from './criterion.js';
export {
  observationText,
  someEnvironment,
  withEnvironment,
  type AgentBrief,
  type Awaitable,
  type CallOptions,
  type Environment,
  type Expert,
  type ExpertSession,
  type ExpertTurn,
  type Observation,
  type ObservationPart,
  type SomeEnvironment,
  type Start,
  type Status,
  type Task,
  type TaskQuery,
  type Transition,
} from './environment.js';
export {
  AbortedError,
  BudgetError,
  CheckpointError,
  EndpointError,
  EngineUnavailableError,
  EnvironmentError,
  InvalidInputError,
  PolicyError,
  RunStoreError,
  SparkError,
  throwIfAborted,
  type SparkErrorCode,
  type SparkErrorDetails,
} from './errors.js';
export { conversationBefore } from './conversation.js';
export { canonicalJson } from './canonical-json.js';
export { hashBytes, hashText } from './hash.js';
export {
  childId,
  comparePaths,
  leafId,
  rootId,
  taskId,
  treeId,
  type Brand,
  type LeafId,
  type NodeId,
  type TaskId,
  type TreeId,
} from './ids.js';
export type { Journal, TreeEvent } from './journal.js';
export {
  decodeArray,
  encodeArray,
  isJsonValue,
  type EncodedArray,
  type JsonValue,
} from './json.js';
export type {
  Generation,
  GenerationRequest,
  GenerationWants,
  Message,
  Policy,
  Prompt,
  SampledToken,
  Sampling,
  TextConstraint,
  TokenLogProb,
  TranscriptSegment,
} from './policy.js';
export type { AgentProtocol, ParsedResponse, PastTurn, PromptContext } from './protocol.js';
export { encodeKey, randomSource, type RandomKey, type RandomSource } from './random.js';
export { siblingPairs, type SiblingPair, type SiblingPairOptions } from './sibling-pairs.js';
export { textPolicy } from './text-policy.js';
export { onAbort } from './on-abort.js';
export {
  childrenOf,
  completedLeaves,
  createTreeBuilder,
  leavesBelow,
  pathTo,
  type Leaf,
  type LeafOutcome,
  type Tree,
  type TreeBuilder,
  type TreeOpening,
  type Turn,
} from './tree.js';
export {
  eventFromJson,
  eventToJson,
  leafFromJson,
  leafToJson,
  treeFromJson,
  treeToJson,
  turnFromJson,
  turnToJson,
} from './tree-json.js';
export type { Scorer, TurnRater, TurnRating, TurnScores } from './scorer.js';
export { parseInput, showValue } from './validation.js';
