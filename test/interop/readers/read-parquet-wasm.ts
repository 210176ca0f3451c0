// parquet-wasm: a whole file fetched over HTTP, into Arrow.
import { tableFromIPC } from 'apache-arrow';
import { readParquet } from 'parquet-wasm/node';
import { readAll } from './figures.ts';

await readAll('0.8.0', async (url, columns) => {
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
  const table = tableFromIPC(readParquet(bytes).intoIPCStream()); // shown
  return Object.fromEntries(columns.map((name) => [name, [...(table.getChild(name) ?? [])]]));
});
