// Every snippet that a person sees, with the test that runs it, or the reason why no test can. `shown.test.ts` fails if a
// snippet is missing from this list, or if an entry is not shown any more.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSnippets } from '../../lib/catalogue/page/snippets.ts';
import { createProgram } from '../../lib/cli/program.ts';
import { processTerminal } from '../../lib/cli/terminal.ts';
import { athenaSql } from '../../lib/make/metadata/athena.ts';
import { duckdbSql } from '../../lib/make/metadata/duckdb.ts';
import { describedAs } from '../make/metadata/sample-metadata-input.ts';
import { ROOT } from '../setting.ts';
import { emptyManifest } from '../stores.ts';

/** A snippet, identified by its place and its first line. */
export interface Shown {
  readonly place: string;
  readonly line: string;
}

/** The test that runs a snippet (its file and a part of its name), or the reason why no test can. */
export type Run = readonly [file: string, test: string] | { readonly cannot: string };

const AWS_PAGES = [
  'test/stack/pages.test.ts',
  'deploys, changes, operates and undoes with the commands of the AWS pages',
] as const;
const CLIENT_DOCS = ['test/dtm/docs.test.ts', 'compile and run'] as const;
const INSTALL = {
  cannot: 'installs packages from their registries: npm run test:package and test:interop do',
};
const OFFICIAL = {
  cannot: 'shows what the official Python client does; test/interop compares the two clients call by call',
};
const HELP = ['test/docs/help.test.ts', 'the examples of --help run'] as const;
const SERVERS = 'test/cli/servers.test.ts';
const SCHEDULE = 'test/docs/schedule.test.ts';
const WATCH = ['test/cli/watch.test.ts', 'the example of --help and docs/cli.md keeps a copy'] as const;
const COMMAND_LINES = 'test/interop/command-lines.test.ts';

/** Runs by place, then by first line. */
export const RUN_BY: Readonly<Record<string, Readonly<Record<string, Run>>>> = {
  'README.md': {
    'npm ci && npm start      # exports a built-in sample world of invented figures into ./dtm-sample': {
      cannot:
        'installs the project itself: CI does, and the tests of the command line export the same sample',
    },
    'npx dtm-exporter status ./dtm-sample     # what there is, how old, how fresh each operation is': [
      'test/docs/help.test.ts',
      "README's first commands run over the sample",
    ],
    'export DTMAPI_SUBSCRIPTION_KEY=...       # never printed, logged or written': [
      'test/docs/help.test.ts',
      "README's export with a key runs",
    ],
    'duckdb -c "': [COMMAND_LINES, "README's first query"],
    'import json, pandas as pd': ['test/interop/readme.test.ts', "pandas reads the current release's rows"],
    'latest <- jsonlite::fromJSON("dtm-sample/latest.json")': [
      'test/interop/readme.test.ts',
      "readr reads the current release's rows",
    ],
  },
  'docs/consume.md': {
    "SET VARIABLE base = 'https://example.org/releases/2026-11-24.1/';   -- or a folder, or s3://bucket/prefix/releases/...":
      ['test/docs/snippets.test.ts', "the SQL of docs/consume.md runs over a release's views"],
    'duckdb dtm.duckdb -init sql/duckdb.sql -c .quit': [COMMAND_LINES, 'a copy for good'],
    'npx dtm-exporter diff SOURCE 2026-11-24.1                        # from that release to the current one':
      ['test/docs/since.test.ts', 'the commands of docs/consume.md that ask what changed run'],
    'npx dtm-exporter history SOURCE --country SDN --type BA --date 2026-06-30': [
      'test/docs/since.test.ts',
      'the commands of docs/consume.md that ask what changed run',
    ],
    'QUEUE=$(aws sqs create-queue --queue-name dtm-releases --query QueueUrl --output text)': AWS_PAGES,
    "// A Lambda of somebody else's, subscribed to the topic of a public dataset: for every release it fetches the files of the":
      [
        'test/functions/consumer.test.ts',
        'a consumer fetches files of changed countries and rejects one with another SHA-256',
      ],
  },
  'docs/cli.md': {
    'dtm-exporter watch https://example.org/dtm --every 1h --exec \'dtm-exporter download "$DTM_SOURCE" --to ./dtm\'':
      WATCH,
  },
  'docs/promises.md': {
    '# Two worlds. In the second a figure of Haiti is another one, Afghanistan does not answer, and Chad is gone.':
      ['test/docs/example.test.ts', 'the example is refused, then published'],
  },
  'docs/aws-operate.md': {
    '{"run": "2026-11-24T05-00-00Z", "resume": true, "levels": [0, 1, 2], "accept_drop": true}': [
      'test/docs/docs.test.ts',
      'the refresh event and the input of a run that docs/aws-operate.md shows are accepted',
    ],
  },
  'docs/simulator.md': {
    'npx dtm-exporter simulate --port 18080 --key k --hna-key h --scale 0.05': [
      SERVERS,
      'simulate accepts its --key',
    ],
    "await using simulator = await startSimulator({ scale: 0.05, faults: ['500*1each'] });": {
      cannot: 'three lines of a test: test/simulator/faults.test.ts is full of them',
    },
    "--fault '500%5' --fault 'latency=lognormal:400:0.6'      a bad day": {
      cannot: 'options, not commands: test/simulator/faults.test.ts tries every kind of fault',
    },
  },
  'docs/network.md': {
    'export HTTPS_PROXY=http://proxy.example:3128': [
      'test/cli/proxies.test.ts',
      'download works through a proxy with the setting of docs/network.md',
    ],
  },
  'docs/performance.md': {
    'npm run bench -- --quick             # one round, without larger worlds and latency: two minutes': {
      cannot: 'takes minutes of a quiet machine: test/bench/bench.test.ts tests its parts',
    },
    'npm run build': {
      cannot: 'opens a profile in a browser by hand; the build itself is run by every suite',
    },
  },
  '--help': {
    'dtm-exporter export --countries HTI,TCD --to ./dtm-open-data': HELP,
    'dtm-exporter verify ./dtm-open-data': HELP,
    'dtm-exporter status ./dtm-open-data': HELP,
    'dtm-exporter download https://example.org/dtm --to ./dtm --countries HTI --formats csv': HELP,
    'dtm-exporter diff ./dtm-open-data 2026-11-24.1 --countries HTI,SDN': HELP,
    'dtm-exporter history ./dtm-open-data --country SDN': HELP,
    'dtm-exporter prune ./dtm-open-data --keep-newest 30 --apply': HELP,
    'dtm-exporter repair ./dtm-open-data --apply': HELP,
    "dtm-exporter withdraw ./dtm-open-data 2026-11-24.1 --reason 'Haiti was counted twice'": HELP,
    'dtm-exporter repoint --stack dtm-exporter-prod': [
      'test/stack/undo.test.ts',
      'repoint makes the tables and views of the current release again',
    ],
    'dtm-exporter watch https://example.org/dtm --every 1h --exec \'dtm-exporter download "$DTM_SOURCE" --to ./dtm\'':
      WATCH,
    'dtm-exporter serve ./dtm-open-data --port 8000': [SERVERS, 'serve sends published files'],
    "dtm-exporter simulate --port 8080 --key k --scale 0.1 --fault '500@AFG*2'": [
      SERVERS,
      'simulate accepts its --key',
    ],
  },
  page: {
    DuckDB: ['test/browser/take.test.ts', 'snippets have the address of this page'],
    'Python (pandas)': ['test/interop/page.test.ts', "the page's snippet for pandas"],
    R: ['test/interop/page.test.ts', "the page's snippet for R"],
    'Excel (Power Query)': { cannot: 'needs Excel on Windows or a Mac' },
    Athena: { cannot: "needs an account of AWS; npm run test:trino runs the same view in Athena's engine" },
    'dtm-exporter': ['test/browser/take.test.ts', 'snippets have the address of this page'],
  },
  'sql/duckdb.sql': {
    'duckdb -init sql/duckdb.sql': [COMMAND_LINES, "a release's own SQL"],
    'duckdb dtm.duckdb -init sql/duckdb.sql -c .quit': [COMMAND_LINES, 'a copy for good'],
    'every statement': ['test/make/metadata/duckdb.test.ts', 'tables and views'],
  },
  'sql/athena.sql': { 'every statement': ['test/trino/trino.test.ts', 'athena.sql in Trino'] },
};

/** Blocks listed by page and language, because their first lines do not tell them apart. */
export const FAMILIES: Readonly<Record<string, Run>> = {
  'docs/readers.md ': ['test/interop/readers/readers.test.ts', 'reads what the API said'],
  'docs/schedule.md ': [SCHEDULE, 'the lines of cron'],
  'docs/schedule.md crontab': [SCHEDULE, 'the lines of cron'],
  'docs/schedule.md systemd': [SCHEDULE, 'the commands of the units'],
  'docs/schedule.md yaml': [SCHEDULE, 'the workflow publishes'],
  'docs/schedule.md dockerfile': ['test/package/container.test.ts', 'the container file installs'],
  'docs/schedule.md sh': ['test/package/container.test.ts', 'the container file installs'],
  'docs/aws-deploy.md sh': AWS_PAGES,
  'docs/aws-change.md sh': AWS_PAGES,
  'docs/aws-operate.md sh': AWS_PAGES,
  'docs/aws-undo.md sh': AWS_PAGES,
  'docs/aws-smoke.md sh': { cannot: 'is what only a real account of AWS can show' },
  'docs/client.md ts': CLIENT_DOCS,
  'docs/client.md sh': INSTALL,
  'docs/reader.md ts': [
    'test/dataset/docs.test.ts',
    'the snippets of docs/reader.md compile, run, and print what they should',
  ],
  'docs/reader.md html': [
    'test/package/reader.test.ts',
    'Chromium reads the same in a page of another origin, also without a bundler',
  ],
  'docs/reader.md sh': INSTALL,
  'docs/architecture.md mermaid': { cannot: 'is a diagram, not a command' },
  'docs/python.md ts': CLIENT_DOCS,
  'docs/python.md python': OFFICIAL,
  'docs/python.md sh': INSTALL,
};

/** Every snippet that documents, `--help`, the page and SQL files show. */
export async function shownSnippets(): Promise<Shown[]> {
  const docs = (await readdir(join(ROOT, 'docs')))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);
  const pages = await Promise.all(['README.md', ...docs].map(blocksOf));
  return [...pages.flat(), ...examplesOfHelp(), ...snippetsOfPage(), ...statementsOfSql()];
}

/** The fenced blocks of a page, without the drawing of folders. */
async function blocksOf(page: string): Promise<Shown[]> {
  const text = await readFile(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, , block = '']) => !block.startsWith('latest.json  '))
    .map(([, language, block = '']) => {
      const family = `${page} ${language}`;
      return family in FAMILIES
        ? { place: family, line: '' }
        : { place: page, line: block.split('\n')[0] ?? '' };
    });
}

/** The lines that `--help` shows after `$`. */
export function examplesOfHelp(): Shown[] {
  const said: string[] = [];
  const terminal = { ...processTerminal(), result: (text: string) => void said.push(text) };
  for (const command of createProgram(terminal, () => {}).commands) command.outputHelp();
  return [...said.join('\n').matchAll(/^ {2}\$ (.*)$/gm)].map(([, line = '']) => ({ place: '--help', line }));
}

const snippetsOfPage = (): Shown[] =>
  createSnippets({ manifest: emptyManifest('2026-11-24.1', null), athenaDatabase: 'x' }, 'https://x/').map(
    ({ name }) => ({ place: 'page', line: name }),
  );

function statementsOfSql(): Shown[] {
  const described = describedAs();
  const commands = [...duckdbSql(described).matchAll(/^-- .*?: (duckdb .*)$/gm)].map(([, line = '']) => line);
  return [
    ...[...commands, ...(duckdbSql(described).includes(';') ? ['every statement'] : [])].map((line) => ({
      ...{ place: 'sql/duckdb.sql', line },
    })),
    ...(athenaSql(described).includes(';') ? [{ place: 'sql/athena.sql', line: 'every statement' }] : []),
  ];
}
