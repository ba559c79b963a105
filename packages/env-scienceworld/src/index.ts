export type { Simulator, SimulatorStart, SimulatorStep, SimulatorTask } from './simulator.js';
