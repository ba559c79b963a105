const SIZE = 624;
const MIDDLE = 397;

/** The MT19937 generator: 32-bit words from 624 words of state (Matsumoto & Nishimura 1998). */
export interface MersenneTwister {
  /** The next word, an integer in [0, 2^32). */
  readonly word: () => number;
}

/** The state that `init_genrand` of the reference implementation makes of one 32-bit number. */
function stateOfNumber(seed: number): Uint32Array {
  const state = new Uint32Array(SIZE);
  state[0] = seed >>> 0;
  for (let i = 1; i < SIZE; i++) {
    const previous = state[i - 1]! ^ (state[i - 1]! >>> 30);
    state[i] = (Math.imul(previous, 1_812_433_253) + i) >>> 0;
  }
  return state;
}

/** The state that `init_by_array` of the reference implementation makes of a list of 32-bit numbers. */
function stateOfArray(key: readonly number[]): Uint32Array {
  const state = stateOfNumber(19_650_218);
  let i = 1;
  let j = 0;
  const wrap = (): void => {
    if (i < SIZE) return;
    state[0] = state[SIZE - 1]!;
    i = 1;
  };
  for (let round = Math.max(SIZE, key.length); round > 0; round--) {
    const previous = state[i - 1]! ^ (state[i - 1]! >>> 30);
    state[i] = ((state[i]! ^ Math.imul(previous, 1_664_525)) + key[j]! + j) >>> 0;
    i++;
    j = (j + 1) % key.length;
    wrap();
  }
  for (let round = SIZE - 1; round > 0; round--) {
    const previous = state[i - 1]! ^ (state[i - 1]! >>> 30);
    state[i] = ((state[i]! ^ Math.imul(previous, 1_566_083_941)) - i) >>> 0;
    i++;
    wrap();
  }
  state[0] = 0x8000_0000;
  return state;
}

function generator(state: Uint32Array): MersenneTwister {
  let at = SIZE;
  const refill = (): void => {
    for (let i = 0; i < SIZE; i++) {
      const bits = (state[i]! & 0x8000_0000) | (state[(i + 1) % SIZE]! & 0x7fff_ffff);
      const odd = (bits & 1) === 0 ? 0 : 0x9908_b0df;
      state[i] = (state[(i + MIDDLE) % SIZE]! ^ (bits >>> 1) ^ odd) >>> 0;
    }
    at = 0;
  };
  return {
    word: () => {
      if (at >= SIZE) refill();
      let word = state[at++]!;
      word ^= word >>> 11;
      word ^= (word << 7) & 0x9d2c_5680;
      word ^= (word << 15) & 0xefc6_0000;
      word ^= word >>> 18;
      return word >>> 0;
    },
  };
}

/** The generator that NumPy's `RandomState(seed)` starts; `seed` is an integer in [0, 2^32). */
export const twisterFromNumber = (seed: number): MersenneTwister => generator(stateOfNumber(seed));

/** The generator that Python's `random.seed(key)` starts; `key` holds the 32-bit digits of the seed, the lowest first. */
export const twisterFromArray = (key: readonly number[]): MersenneTwister =>
  generator(stateOfArray(key));
