import type { FactRow } from './tree-facts.js';

/** Two or more things in numbers, what differs first seen. */
export const FactTable = ({
  title,
  names,
  rows,
}: {
  readonly title: string;
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[] | readonly FactRow[];
}) =>
  rows.length === 0 ? null : (
    <section className="card fact-table" aria-label={title}>
      <h2>{title}</h2>
      <div className="table-scroll" tabIndex={0} role="region" aria-label={`Table: ${title}`}>
        <table>
          <thead>
            <tr>
              <td />
              {names.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([field, ...values]) => (
              <tr key={field}>
                <th scope="row">{field}</th>
                {values.map((value, index) => (
                  <td key={index}>{value}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
