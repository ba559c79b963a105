/**
 * Python's `bisect.bisect_right`: after how many of the ascending `values` (of the first `end` of them) `value` belongs.
 */
export function bisectRight(
  values: { readonly [index: number]: number; readonly length: number },
  value: number,
  end: number = values.length,
): number {
  let low = 0;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value < values[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}
