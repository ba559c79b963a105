export { corridor, type CorridorState } from './corridor.js';
export {
  environmentChecks,
  type EnvironmentCheck,
  type EnvironmentChecksOptions,
} from './environment-checks.js';
export { plainProtocol } from './plain-protocol.js';
export { promptText, scriptedPolicy, type ScriptContext } from './scripted-policy.js';
