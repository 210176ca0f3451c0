// Types for the part of parquetjs-lite that reads a footer. The package has no types.
declare module 'parquetjs-lite' {
  interface ThriftInt64 {
    valueOf(): number;
  }
  interface Statistics {
    null_count: ThriftInt64 | null;
    min_value: unknown;
    max_value: unknown;
  }
  interface SchemaElement {
    name: string;
    type: number | null;
    repetition_type: number | null;
    converted_type: number | null;
  }
  interface RowGroup {
    num_rows: ThriftInt64;
    columns: { meta_data: { path_in_schema: string[]; codec: number; statistics: Statistics | null } }[];
  }
  interface ParquetReader {
    metadata: { created_by: string; num_rows: ThriftInt64; schema: SchemaElement[]; row_groups: RowGroup[] };
    getMetadata(): Record<string, string>;
  }
  const lite: { ParquetReader: { openBuffer(buffer: Buffer): Promise<ParquetReader> } };
  export = lite;
}
