// Runs the commands of the AWS pages in their order, with AWS's own command line, as an operator would.
import assert from 'node:assert/strict';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT, simulator, temporaryFolder } from '../setting.ts';
import { relaxBucketPolicy } from './deploy-stack.ts';
import { type Block, openShell, shellBlocks } from './operator-shell.ts';
import { startMinistack } from './start-ministack.ts';

/** Commands that the server does not have. docs/aws-smoke.md lists them, to be tried on AWS. */
const ON_AWS_ONLY = ['redrive-execution', 'start-message-move-task'];
const isOnAwsOnly = ({ script }: Block): boolean => ON_AWS_ONLY.some((command) => script.includes(command));

test('an operator deploys, changes, operates and undoes with the commands of the AWS pages', async (t) => {
  const world = await simulator(t);
  const { endpoint, environment } = await startMinistack(t, { auth: true });
  const aws = { endpoint, environment: { ...environment, AWS_REGION: 'eu-central-1' } };
  const shell = await openShell(aws, await temporaryFolder(t), { DTMAPI_SUBSCRIPTION_KEY: 'sample-key' });
  await appendFile(join(shell.folder, 'infra/stages/example-private.yml'), `apiUrl: ${world.url}\n`);

  const { run } = shell;
  const bucketName = async (): Promise<string> =>
    (
      await run(
        'aws cloudformation describe-stack-resource --stack-name $STACK --logical-resource-id Bucket --query StackResourceDetail.PhysicalResourceId --output text',
      )
    ).trim();
  const ended = (): Promise<string> =>
    run(
      'until s=$(aws stepfunctions describe-execution --execution-arn $EXECUTION --query status --output text); [ $s != RUNNING ]; do sleep 0.5; done; echo $s',
    );
  /** Runs the blocks of a page; what they print, by heading. `before` is done before the block that has its text. */
  const runPage = async (
    page: string,
    before: Readonly<Record<string, () => Promise<unknown>>> = {},
  ): Promise<Record<string, string>> => {
    const printed: Record<string, string> = {};
    for (const block of await shellBlocks(page)) {
      if (isOnAwsOnly(block)) continue;
      for (const [text, work] of Object.entries(before)) if (block.script.includes(text)) await work();
      printed[block.heading] = (printed[block.heading] ?? '') + (await run(block.script));
    }
    return printed;
  };

  await t.test('Deploy', async () => {
    const printed = await runPage('docs/aws-deploy.md', {
      'run()': async () => relaxBucketPolicy(aws, await bucketName()),
      'status --stack': async () => assert.match(await ended(), /SUCCEEDED/),
    });
    const first = printed['From an account to the first release'] ?? '';
    assert.match(
      first,
      /stage prod in account 0+, region eu-central-1; parameters of infra\/stages\/prod.yml/,
    );
    assert.match(first, /^RUNNING$/m);
    assert.match(first, /^Release \S+\.1 is whole: \d+ files/m);
    assert.match(printed.Athena ?? '', /"QueryExecutionId"/);
  });

  await t.test('Change', async () => {
    await runPage('docs/aws-change.md');
    assert.match(await run('aws ssm get-parameter-history --name /dtm-exporter/$STAGE/key'), /"Version": 2/);
  });

  await t.test('Use the data', async () => {
    await run('TOPIC=$(output TopicArn)');
    const block = (await shellBlocks('docs/consume.md')).find(({ script }) =>
      script.includes('sns subscribe'),
    );
    await run(block?.script ?? '');
  });

  await t.test('Operate', async () => {
    world.setFaults(['changed@HTI']);
    await run("RUN=$(aws s3 ls s3://$(output BucketName)/runs/ | sed -n 's/.*PRE \\(2.*\\)\\/$/\\1/p')");
    const printed = await runPage('docs/aws-operate.md', {
      // The request that came before is answered first.
      '"resume": true': () =>
        run('until aws s3 cp s3://$(output BucketName)/latest.json - | grep -q "\\.2\\""; do sleep 1; done'),
    });
    assert.match(printed['See a run'] ?? '', /^release {2,}\S+\.1, published/m);
    assert.match(printed['See a run'] ?? '', /"outcome": "published"/);
    await run(`EXECUTION=$(echo '${printed['Go on with a run']}')`);
    assert.match(await ended(), /SUCCEEDED/);
    const message = await run('aws sqs receive-message --queue-url $QUEUE --wait-time-seconds 20');
    assert.match(message, /dtm\.release\.published.*\.2/);
  });

  await t.test('Undo', async () => {
    await run(
      "RELEASE=$(aws s3 ls s3://$(output BucketName)/releases/ | sed -n 's/.*PRE \\(.*\\)\\/$/\\1/p' | tail -1)",
    );
    const printed = await runPage('docs/aws-undo.md', {
      'delete-bucket-policy': async () => {
        await assert.rejects(run('output BucketName'), /does not exist/);
        await run(LIFECYCLE);
      },
    });
    assert.match(printed["Point Athena's tables again"] ?? '', /\.1/);
    await run('npx dtm-exporter status s3://$BUCKET');
    assert.match(await run('output BucketName'), /^dtm-exporter-prod-bucket-\w+$/m);
  });
});

/** The rule of a bucket that a stack made. The server makes none from a template. */
const LIFECYCLE =
  'aws s3api put-bucket-lifecycle-configuration --bucket $BUCKET --lifecycle-configuration \'{"Rules": [{"ID": "runs", "Status": "Enabled", "Filter": {"Prefix": "runs/"}, "Expiration": {"Days": 27}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}}]}\'';

test('the page of the first deployment tries every command that could not be tried here', async () => {
  const page = await readFile(join(ROOT, 'docs/aws-smoke.md'), 'utf8');
  for (const command of ON_AWS_ONLY) assert.ok(page.includes(command), command);
});
