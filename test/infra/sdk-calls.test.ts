// Every call of the AWS SDK in the code of a function is allowed by the function's role, and the role allows nothing that
// is not called. The calls are read from the sources that esbuild puts into the function's bundle.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { build, type Plugin } from 'esbuild';
import { FUNCTIONS } from '../../infra/package.ts';
import { ROOT } from '../setting.ts';
import { compile, statements, type Template } from './compile-template.ts';

/** The IAM prefix of each client, where it is not the client's name. */
const PREFIXES: Readonly<Record<string, string>> = { eventbridge: 'events', sfn: 'states' };

/** The IAM actions of the calls whose names differ. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  's3:HeadObject': ['s3:GetObject'],
  's3:ListObjectsV2': ['s3:ListBucket'],
  's3:ListObjectVersions': ['s3:ListBucketVersions'],
  's3:DeleteObject': ['s3:DeleteObject', 's3:DeleteObjectVersion'],
};

/** What Lambda itself does with the role of a function. */
const DONE_BY_LAMBDA: Readonly<Record<string, readonly string[]>> = {
  refresh: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
  repoint: ['sqs:SendMessage'],
  notify: ['sqs:SendMessage'],
};
/** Calls that a function makes only if it has this variable. */
const VARIABLES: Readonly<Record<string, RegExp>> = {
  'sns:Publish': /^DTM_(ALARM_)?TOPIC_ARN$/,
  'events:PutEvents': /^DTM_EVENT_BUS$/,
  'cloudfront:CreateInvalidation': /^DTM_DISTRIBUTION$/,
};

const LOGGING = ['logs:CreateLogStream', 'logs:PutLogEvents'];

/**
 * A store has all operations on a bucket, so each bundle has their calls. permissions.test.ts runs the functions' work
 * and finds which of them they use.
 */
const isOfStore = (action: string): boolean => action.startsWith('s3:');

/** Leaves packages out, and drops the import of one that nothing uses. */
const PACKAGES_ARE_EXTERNAL: Plugin = {
  name: 'external packages',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^[^./]/, namespace: 'file' }, ({ kind }) =>
      kind === 'entry-point' ? null : { external: true, sideEffects: false },
    ),
};

/** The sources of which something is in a function's bundle. Packages are left out. */
async function sourcesOf(name: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [`functions/${name}.ts`],
    bundle: true,
    platform: 'node',
    format: 'esm',
    plugins: [PACKAGES_ARE_EXTERNAL],
    outfile: 'unwritten.mjs',
    write: false,
    metafile: true,
  });
  return Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.keys(inputs).filter((path) => inputs[path]?.bytesInOutput),
  );
}

/** The IAM actions of the SDK calls in a source file. */
async function actionsIn(path: string): Promise<string[]> {
  const source = await readFile(join(ROOT, path), 'utf8');
  const imports = source.matchAll(/\{([^{}]+)\} (?:from |= await import\()'@aws-sdk\/client-([\w-]+)'/g);
  return [...imports].flatMap(([, names = '', client = '']) =>
    [...names.matchAll(/\b(\w+)Command\b/g)].flatMap(([, call]) => {
      const action = `${PREFIXES[client] ?? client}:${call}`;
      return ACTIONS[action] ?? [action];
    }),
  );
}

const allowedActions = (template: Template, name: string): string[] =>
  statements(template)
    .filter(({ of, Effect }) => of.toLowerCase() === `${name}role` && Effect === 'Allow')
    .flatMap(({ Action }) => Action);

const variablesOf = ({ Resources }: Template, name: string): string[] => {
  const resource = `${name[0]?.toUpperCase()}${name.slice(1)}LambdaFunction`;
  return Object.keys(Resources[resource]?.Properties.Environment.Variables);
};

test('the role of a function allows what its SDK calls need, and nothing else', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'dtm-sdk-calls-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const template = await compile(folder, { visibility: 'public', licence: 'CC BY 4.0', keepNewest: '12' });
  for (const name of FUNCTIONS) {
    const variables = variablesOf(template, name);
    const called = (await Promise.all((await sourcesOf(name)).map(actionsIn)))
      .flat()
      .filter((action) => variables.some((variable) => (VARIABLES[action] ?? /./).test(variable)));
    const needed = [...called, ...LOGGING, ...(DONE_BY_LAMBDA[name] ?? [])];
    const allowed = allowedActions(template, name);
    assert.deepEqual(
      needed.filter((action) => !isOfStore(action) && !allowed.includes(action)),
      [],
      `${name} calls what its role does not allow`,
    );
    assert.deepEqual(
      allowed.filter((action) => !needed.includes(action)),
      [],
      `the role of ${name} allows what it does not call`,
    );
  }
});
