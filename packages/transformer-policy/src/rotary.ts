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

/** Cosines and signed sines of the rotary angles of some positions, each [positions, headDim] in row-major order. */
export interface RotaryRows {
  readonly cosines: Float32Array;
  readonly sines: Float32Array;
}

/**
 * Makes the rotary angles of a model: position p turns the pair (i, i + headDim/2) by p * base^(-2i/headDim) (Su et al., arXiv 2104.09864,
 * in the rotate-half layout). The sine of the first half carries the minus sign, so that x * cosines + swapHalves(x) * sines is the
 * rotation. With `ropeScaling` the frequencies are those of Llama 3.1: a frequency that turns less than `lowFrequencyFactor` times within the
 * original context is divided by `factor`, one that turns more than `highFrequencyFactor` times stays, and between them it moves
 * linearly from one to the other.
 *
 * Rows are computed once and looked up from then on; they are inputs of programs, so a long context costs nothing until it is used.
 */
export function rotaryAngles(
  config: Pick<TransformerConfig, 'headDim' | 'ropeBase' | 'ropeScaling'>,
): (positions: Int32Array) => RotaryRows {
  const { headDim, ropeScaling } = config;
  const half = headDim / 2;
  const frequencies = Float64Array.from({ length: half }, (_, i) => {
    const plain = config.ropeBase ** ((-2 * i) / headDim);
    return ropeScaling === null ? plain : scaledFrequency(plain, ropeScaling);
  });
  let known: RotaryRows & { readonly count: number } = {
    count: 0,
    cosines: new Float32Array(0),
    sines: new Float32Array(0),
  };

  const extend = (count: number): void => {
    const cosines = new Float32Array(count * headDim);
    const sines = new Float32Array(count * headDim);
    cosines.set(known.cosines);
    sines.set(known.sines);
    for (let position = known.count; position < count; position++) {
      for (let i = 0; i < half; i++) {
        const angle = position * frequencies[i]!;
        const at = position * headDim + i;
        cosines[at] = cosines[at + half] = Math.cos(angle);
        sines[at] = -Math.sin(angle);
        sines[at + half] = Math.sin(angle);
      }
    }
    known = { count, cosines, sines };
  };

  return (positions) => {
    let furthest = -1;
    for (const position of positions) if (position > furthest) furthest = position;
    if (furthest >= known.count) extend(Math.max(furthest + 1, 2 * known.count, 64));
    const cosines = new Float32Array(positions.length * headDim);
    const sines = new Float32Array(positions.length * headDim);
    // Value by value: rows are too short for a view of each to pay.
    for (let row = 0; row < positions.length; row++) {
      const from = positions[row]! * headDim;
      for (let i = 0; i < headDim; i++) {
        cosines[row * headDim + i] = known.cosines[from + i]!;
        sines[row * headDim + i] = known.sines[from + i]!;
      }
    }
    return { cosines, sines };
  };
}
