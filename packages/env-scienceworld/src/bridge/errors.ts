import { EnvironmentError, InvalidInputError, type SparkErrorDetails } from '@spark-rl/core';

/** No `scienceworld.jar` was found. `tried` lists every place that was looked at. */
export class JarNotFoundError extends InvalidInputError {
  readonly tried: readonly string[];
  constructor(message: string, tried: readonly string[], details: SparkErrorDetails = {}) {
    super(message, details);
    this.name = 'JarNotFoundError';
    this.tried = tried;
  }
}

/** The simulator's process did not come up: Java is missing or refuses, or the port line never came. */
export class SimulatorLaunchError extends EnvironmentError {
  constructor(message: string, details: SparkErrorDetails = {}) {
    super(message, details);
    this.name = 'SimulatorLaunchError';
  }
}

/** The simulator did not answer in time. Its process was killed. */
export class SimulatorTimeoutError extends EnvironmentError {
  constructor(message: string, details: SparkErrorDetails = {}) {
    super(message, details);
    this.name = 'SimulatorTimeoutError';
  }
}

/** The simulator's process ended, its connection broke, or it was closed or given up before. */
export class SimulatorGoneError extends EnvironmentError {
  constructor(message: string, details: SparkErrorDetails = {}) {
    super(message, details);
    this.name = 'SimulatorGoneError';
  }
}

/** The gateway said something that is not its protocol, or a value of another type than the method has. */
export class GatewayProtocolError extends EnvironmentError {
  constructor(message: string, details: SparkErrorDetails = {}) {
    super(message, details);
    this.name = 'GatewayProtocolError';
  }
}

/** A call threw inside Java. `stackTrace` is Java's own. */
export class JavaError extends EnvironmentError {
  readonly stackTrace: string;
  constructor(message: string, stackTrace: string, details: SparkErrorDetails = {}) {
    super(message, details);
    this.name = 'JavaError';
    this.stackTrace = stackTrace;
  }
}

/**
 * The simulator caught an exception of its own in a step. From then on it would answer every action with that exception's text,
 * score -1 and completed, as if the agent had failed.
 */
export class SimulatorFaultError extends EnvironmentError {
  constructor(message: string, details: SparkErrorDetails = {}) {
    super(message, details);
    this.name = 'SimulatorFaultError';
  }
}
