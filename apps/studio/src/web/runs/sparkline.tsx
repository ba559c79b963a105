const WIDTH = 132;
const HEIGHT = 34;

/** A curve of shares in [0, 1], without axes; what it says stands beside it in numbers. */
export const Sparkline = ({ values }: { readonly values: readonly number[] }) => {
  if (values.length === 0) return <span className="sparkline empty" aria-hidden="true" />;
  const top = Math.max(0.05, ...values);
  const x = (index: number): number => 2 + (index / Math.max(1, values.length - 1)) * (WIDTH - 6);
  const y = (value: number): number => HEIGHT - 3 - (value / top) * (HEIGHT - 6);
  const line = values.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`);
  return (
    <svg className="sparkline" width={WIDTH} height={HEIGHT} aria-hidden="true">
      <polygon points={`2,${HEIGHT} ${line.join(' ')} ${x(values.length - 1)},${HEIGHT}`} />
      <polyline points={line.join(' ')} />
      <circle cx={x(values.length - 1)} cy={y(values.at(-1)!)} r="2.4" />
    </svg>
  );
};
