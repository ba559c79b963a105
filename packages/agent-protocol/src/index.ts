export {
  parseResponse,
  responseGrammar,
  type ResponseGrammar,
  type ResponseGrammarOptions,
} from './response-grammar.js';
export { sparkProtocol, type SparkProtocolOptions } from './spark-protocol.js';
