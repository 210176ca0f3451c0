// What a deployment may not do to a deployed stack, on the compiled templates of both.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Deployed } from '../../infra/plugin/deployed.ts';
import { findRefusals } from '../../infra/plugin/guard.ts';
import { compile, type Template } from './compile-template.ts';

const STAGE_FILE = {
  ...{ visibility: 'public', licence: 'CC BY 4.0', alarmEmail: 'ops@example.org', countries: 'HTI' },
  ...{ keepNewest: '12' },
};
const NOTHING = { removal: [], whileRunning: false };

let folder: string;
let publicStack: Template;
let privateStack: Template;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dtm-guard-'));
  publicStack = await compile(join(folder, 'public'), STAGE_FILE);
  privateStack = await compile(join(folder, 'private'));
});
after(() => rm(folder, { recursive: true, force: true }));

const deployed = (template: Template, visibility: string): Deployed => ({
  template,
  parameters: { Visibility: visibility },
  outputs: { BucketName: 'a-bucket' },
});

/** Refusals of deploying `next` over a stack. */
const refusals = (
  before: Deployed,
  next: Template,
  allowed: Partial<typeof NOTHING | { removal: string[] }> = {},
  running: string[] = [],
): string[] => findRefusals('a-stack', { deployed: before, next, running }, { ...NOTHING, ...allowed });

test('a change of visibility is refused in both directions, and nothing allows it', () => {
  const all = ['Distribution', 'AlarmMail', 'Bucket', 'Releases', 'Alarms', 'Catalogue', 'Bus'];
  const words = (before: string, next: string): RegExp =>
    new RegExp(`^visibility: the stack a-stack is ${before} and stays so, got ${next}; deploy another stage`);
  for (const removal of [[], all, ['Distribution', 'AlarmMail']]) {
    const closing = refusals(deployed(publicStack, 'public'), privateStack, { removal });
    assert.match(closing[0] ?? '', words('public', 'private'));
    const opening = refusals(deployed(privateStack, 'private'), publicStack, { removal });
    assert.match(opening[0] ?? '', words('private', 'public'));
  }
});

test('the same template again, or one with other settings, is deployed', async () => {
  assert.deepEqual(refusals(deployed(publicStack, 'public'), publicStack), []);
  const changed = await compile(join(folder, 'changed'), {
    ...STAGE_FILE,
    ...{ countries: 'TCD', schedule: 'rate(1 day)', memory: '2048', keepNewest: '6', concurrency: '2' },
  });
  assert.deepEqual(refusals(deployed(publicStack, 'public'), changed), []);
  assert.deepEqual(refusals(deployed(privateStack, 'private'), privateStack), []);
});

test('what would be removed or replaced is listed, and only that list allows it', async () => {
  const forgotten = await compile(join(folder, 'forgotten'), {
    ...{ visibility: 'public', licence: 'CC BY 4.0', database: 'other' },
  });
  const [only, ...more] = refusals(deployed(publicStack, 'public'), forgotten);
  assert.deepEqual(more, []);
  assert.equal(
    only,
    'this deployment would take away what users hold: ' +
      'Catalogue would be replaced: DatabaseInput.Name "dtm_test" becomes "other"; ' +
      'AlarmMail (AWS::SNS::Subscription) would be removed. ' +
      'Set the parameters in the file of the stage as they were; or, if that is what you want, add ' +
      '--param allowRemoval=Catalogue,AlarmMail',
  );
  for (const [removal, count] of [
    [['AlarmMail', 'Catalogue'], 0],
    [['AlarmMail'], 1],
    [['AlarmMail', 'Catalogue', 'Distribution'], 1],
  ] as const)
    assert.equal(
      refusals(deployed(publicStack, 'public'), forgotten, { removal: [...removal] }).length,
      count,
    );
});

test('each thing that users hold is protected against removal and against another name', () => {
  const held = {
    ...{ Distribution: null, Bucket: null, Releases: 'TopicName', Alarms: 'TopicName', Bus: 'Name' },
    ...{ Catalogue: 'CatalogId', AlarmMail: 'Endpoint' },
  };
  for (const [name, property] of Object.entries(held)) {
    const { [name]: resource, ...Resources } = publicStack.Resources;
    assert.ok(resource, name);
    const removed = refusals(deployed(publicStack, 'public'), { ...publicStack, Resources });
    assert.match(removed[0] ?? '', new RegExp(`${name} .*would be re.*allowRemoval=${name}$`));
    if (property === null) continue;
    const renamed = { ...resource, Properties: { ...resource.Properties, [property]: 'other' } };
    const next = { ...publicStack, Resources: { ...Resources, [name]: renamed } };
    const replaced = refusals(deployed(publicStack, 'public'), next);
    assert.match(
      replaced[0] ?? '',
      new RegExp(`${name} would be replaced: ${property} .*allowRemoval=${name}$`),
    );
  }
});

test('allowRemoval without anything to remove is refused', () => {
  const [only] = refusals(deployed(publicStack, 'public'), publicStack, { removal: ['Bus'] });
  assert.match(only ?? '', /^allowRemoval: this deployment removes nothing that users hold, got Bus/);
});

test('a deployment during a run is refused with the name of the run, unless it is allowed', () => {
  const run = ['2026-11-24T05-00-00Z'];
  const [only] = refusals(deployed(publicStack, 'public'), publicStack, {}, run);
  assert.match(only ?? '', /^a run is under way \(2026-11-24T05-00-00Z\).*--param whileRunning=yes$/);
  assert.deepEqual(refusals(deployed(publicStack, 'public'), publicStack, { whileRunning: true }, run), []);
});
