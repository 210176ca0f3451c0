import { readFileSync } from 'node:fs';

const file = new URL('../../package.json', import.meta.url);

/** The package's own name and version: what a release names as its generator. */
export const GENERATOR = (({ name, version }: { name: string; version: string }) => ({ name, version }))(
  JSON.parse(readFileSync(file, 'utf8')),
);
