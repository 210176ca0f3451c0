// hyparquet: by ranges over HTTP, as a browser reads; ZSTD from fzstd.
import { decompress } from 'fzstd';
import { asyncBufferFromUrl, parquetReadObjects } from 'hyparquet';
import { readAll } from './figures.ts';

await readAll('1.31.5', async (url, columns) => {
  const compressors = { ZSTD: (bytes: Uint8Array, size: number) => decompress(bytes, new Uint8Array(size)) };
  const rows = await parquetReadObjects({ file: await asyncBufferFromUrl({ url }), compressors }); // shown
  return Object.fromEntries(columns.map((name) => [name, rows.map((row) => row[name])]));
});
