type NumberArray = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** An array of numbers that grows, without an object for each. */
export interface Growing<Numbers> {
  readonly length: () => number;
  readonly push: (value: number) => void;
  readonly get: (place: number) => number;
  readonly set: (place: number, value: number) => void;
  /** Appends as many as `fill` says that it wrote into the room it is given. */
  readonly extend: (room: number, fill: (into: Numbers) => number) => void;
  readonly clear: () => void;
  /** What was pushed; a view, valid until the next push. */
  readonly values: () => Numbers;
}

/** An empty array of numbers of a kind, such as `growing((length) => new Float64Array(length))`. */
export function growing<Numbers extends NumberArray>(
  make: (length: number) => Numbers,
): Growing<Numbers> {
  let buffer = make(256);
  let length = 0;
  const reserve = (needed: number): void => {
    if (needed <= buffer.length) return;
    const larger = make(Math.max(needed, 2 * buffer.length));
    larger.set(buffer);
    buffer = larger;
  };
  return {
    length: () => length,
    push: (value) => {
      if (length === buffer.length) reserve(length + 1);
      buffer[length++] = value;
    },
    get: (place) => buffer[place]!,
    set: (place, value) => {
      buffer[place] = value;
    },
    extend: (room, fill) => {
      reserve(length + room);
      length += fill(buffer.subarray(length) as Numbers);
    },
    clear: () => {
      length = 0;
    },
    values: () => buffer.subarray(0, length) as Numbers,
  };
}
