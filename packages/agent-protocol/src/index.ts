export { agentProtocol, type AgentProtocolOptions } from './agent-protocol.js';
export type { ResponseGrammarOptions } from './grammar-options.js';
export {
  methodGrammars,
  namedGrammars,
  type GrammarName,
  type NamedGrammar,
} from './named-grammars.js';
export { parseResponse, responseGrammar, type ResponseGrammar } from './response-grammar.js';
export { sparkProtocol, type SparkProtocolOptions } from './spark-protocol.js';
