// A program for any runtime: reads `admin2` under each fault, and prints the number of rows and their persons, or what went
// wrong. Its arguments are the address and the names of the faults.
import { openDataset } from '../../lib/dataset/reader.ts';

const [url = '', ...faults] = process.argv.slice(2);
const outcomes: Record<string, unknown> = {};
for (const fault of faults) {
  const options = { headers: { 'X-Fault': fault }, retryDelay: 0.001 };
  const signal = fault === 'stall' ? AbortSignal.timeout(300) : undefined;
  try {
    const release = await openDataset(url, options).current();
    let [rows, persons] = [0, 0];
    for await (const row of release.rows('admin2', { columns: ['num_present_idp_ind'], signal })) {
      rows++;
      persons += row.num_present_idp_ind ?? 0;
    }
    outcomes[fault] = [rows, persons];
  } catch (error) {
    const { kind, name } = error as { kind?: string; name: string };
    outcomes[fault] = kind ?? name;
  }
}
const release = await openDataset(url).current();
const { length: bytes } = await release.download('csv/admin2.csv.gz');
const { value: first } = await release.rows('admin2').next();
process.stdout.write(JSON.stringify({ outcomes, bytes, first }));
