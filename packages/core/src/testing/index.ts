export { corridor, type CorridorState } from './corridor.js';
export {
  environmentChecks,
  type EnvironmentCheck,
  type EnvironmentChecksOptions,
} from './environment-checks.js';
export { pivotalCoverage, type PivotalCoverage, type PivotalPlan } from './pivotal-coverage.js';
export {
  pivotalPolicy,
  pivotalSteps,
  pivotsCovered,
  type PivotalState,
  type PivotsCovered,
} from './pivotal-steps.js';
export { plainProtocol } from './plain-protocol.js';
export { promptText, scriptedPolicy, type ScriptContext } from './scripted-policy.js';
