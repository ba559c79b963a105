export { endpointScorer, type EndpointScorerOptions, type ScoringForm } from './endpoint-scorer.js';
export { functionScorer, type ScoredTurn, type TurnRule } from './function-scorer.js';
