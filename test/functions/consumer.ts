// A Lambda of somebody else's, subscribed to the topic of a public dataset: for every release it fetches the files of the
// countries that changed, and checks each against the manifest, and the manifest against the event.
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { SNSEvent } from 'aws-lambda';

interface File {
  readonly path: string;
  readonly table: string | null;
  readonly country: string | null;
  readonly format: string;
  readonly sha256: string;
}

export async function handler({ Records }: SNSEvent): Promise<void> {
  for (const { Sns } of Records) {
    const { type, source, data } = JSON.parse(Sns.Message);
    if (type !== 'dtm.release.published') continue;
    const manifestUrl = new URL(data.manifest, source);
    const manifest = JSON.parse(String(await fetchChecked(manifestUrl, data.manifest_sha256)));
    const files: File[] = manifest.files;
    for (const { path, sha256, table, country, format } of files) {
      if (table !== 'admin0' || format !== 'csv' || !data.changed_countries.includes(country)) continue;
      const csv = gunzipSync(await fetchChecked(new URL(path, manifestUrl), sha256));
      await keep(`${data.release}/${country}`, csv.toString());
    }
  }
}

async function fetchChecked(url: URL, sha256: string): Promise<Buffer> {
  const response = await fetch(url);
  const body = Buffer.from(await response.arrayBuffer());
  const found = createHash('sha256').update(body).digest('hex');
  if (!response.ok || found !== sha256)
    throw new Error(`${url}: HTTP ${response.status}, expected SHA-256 ${sha256}, got ${found}`);
  return body;
}

/** Put here what you do with the figures. */
export const kept = new Map<string, string>();
async function keep(name: string, csv: string): Promise<void> {
  kept.set(name, csv);
}
