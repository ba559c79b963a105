import type { parquetWriteRows } from 'hyparquet-writer';

/** What a column holds. Values may be null. */
export type ColumnType =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'float'
  | 'double'
  | { readonly list: ColumnType }
  | { readonly struct: Readonly<Record<string, ColumnType>> };

/** Columns by name, in order. */
export type Columns = Readonly<Record<string, ColumnType>>;

/** An element of a Parquet schema, as the writer takes it. */
type SchemaElement = NonNullable<Parameters<typeof parquetWriteRows>[0]['schema']>[number];

const primitives = {
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  boolean: { type: 'BOOLEAN' },
  int32: { type: 'INT32' },
  float: { type: 'FLOAT' },
  double: { type: 'DOUBLE' },
} as const;

function elements(name: string, type: ColumnType): SchemaElement[] {
  const repetition_type = 'OPTIONAL';
  if (typeof type === 'string') return [{ name, repetition_type, ...primitives[type] }];
  if ('struct' in type) {
    const fields = Object.entries(type.struct);
    return [
      { name, repetition_type, num_children: fields.length },
      ...fields.flatMap(([field, of]) => elements(field, of)),
    ];
  }
  // The three levels that the format asks of lists.
  return [
    {
      name,
      repetition_type,
      num_children: 1,
      converted_type: 'LIST',
      logical_type: { type: 'LIST' },
    },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    ...elements('element', type.list),
  ];
}

/** The Parquet schema of columns, in the flat order of the format: a parent, then its children. */
export const parquetSchema = (columns: Columns): SchemaElement[] => {
  const entries = Object.entries(columns);
  return [
    { name: 'root', num_children: entries.length },
    ...entries.flatMap(([name, type]) => elements(name, type)),
  ];
};
