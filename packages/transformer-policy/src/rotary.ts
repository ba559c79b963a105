import type { RopeScaling, TransformerConfig } from './config.js';

/** The rotary frequency after scaling; the wavelength is how many positions a full turn takes. */
function scaledFrequency(frequency: number, scaling: RopeScaling): number {
  const { factor, lowFrequencyFactor, highFrequencyFactor, originalContextLength } = scaling;
  const wavelength = (2 * Math.PI) / frequency;
  if (wavelength < originalContextLength / highFrequencyFactor) return frequency;
  if (wavelength > originalContextLength / lowFrequencyFactor) return frequency / factor;
  const share =
    (originalContextLength / wavelength - lowFrequencyFactor) /
    (highFrequencyFactor - lowFrequencyFactor);
  return ((1 - share) * frequency) / factor + share * frequency;
}

/**
 * Cosines and signed sines of the rotary angles, each [contextLength, headDim] in row-major order: position p turns the pair
 * (i, i + headDim/2) by p * base^(-2i/headDim) (Su et al., arXiv 2104.09864, in the rotate-half layout). The sine of the first
 * half carries the minus sign, so that x * cosines + swapHalves(x) * sines is the rotation. With `ropeScaling` the frequencies are those
 * of Llama 3.1: a frequency that turns less than `lowFrequencyFactor` times within the original context is divided by `factor`, one that
 * turns more than `highFrequencyFactor` times stays, and between them it moves linearly from one to the other.
 */
export function rotaryTables(
  config: Pick<TransformerConfig, 'contextLength' | 'headDim' | 'ropeBase' | 'ropeScaling'>,
): {
  readonly cosines: Float32Array;
  readonly sines: Float32Array;
} {
  const { headDim, ropeScaling } = config;
  const half = headDim / 2;
  const cosines = new Float32Array(config.contextLength * headDim);
  const sines = new Float32Array(config.contextLength * headDim);
  for (let i = 0; i < half; i++) {
    const plain = config.ropeBase ** ((-2 * i) / headDim);
    const frequency = ropeScaling === null ? plain : scaledFrequency(plain, ropeScaling);
    for (let position = 0; position < config.contextLength; position++) {
      const angle = position * frequency;
      const at = position * headDim + i;
      cosines[at] = cosines[at + half] = Math.cos(angle);
      sines[at] = -Math.sin(angle);
      sines[at + half] = Math.sin(angle);
    }
  }
  return { cosines, sines };
}
