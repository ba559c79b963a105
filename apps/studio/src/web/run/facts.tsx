/** Fields and their values, folded away until they are wanted. */
export const Facts = ({
  title,
  entries,
}: {
  readonly title: string;
  readonly entries: readonly (readonly [field: string, value: string | number])[];
}) =>
  entries.length === 0 ? null : (
    <details className="card facts">
      <summary>{title}</summary>
      <dl>
        {entries.map(([field, value]) => (
          <div key={field}>
            <dt>{field}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
