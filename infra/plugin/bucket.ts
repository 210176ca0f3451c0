// Whether an existing bucket can hold the dataset of a stack. The stack does not change its settings.
import {
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  type LifecycleRule,
  S3Client,
} from '@aws-sdk/client-s3';
import { readVisibility } from '../../lib/catalogue/repair/survey.ts';
import { RELEASES_FOLDER } from '../../lib/release/layout.ts';
import { s3Store } from '../../lib/store/s3/s3-store.ts';
import type { AwsConfig } from './deployed.ts';

/** Days after which raw answers must be gone. */
const MAX_RUN_DAYS = 30;

export interface BucketUse {
  readonly region: string;
  readonly visibility: string;
  /** Whether the deployed stack uses this bucket already. */
  readonly isInUse: boolean;
}

/** Lists why the stack must not use this bucket, each with what to do. Empty if it can. */
export async function checkBucket(config: AwsConfig, bucket: string, use: BucketUse): Promise<string[]> {
  const client = new S3Client({ ...(config as object), followRegionRedirects: true });
  const request = { Bucket: bucket };
  const head = await client.send(new HeadBucketCommand(request)).catch((error: Error) => error);
  if (head instanceof Error)
    return [`bucket: expected an existing bucket of this account, got ${bucket} (${head.name})`];

  const problems: string[] = [];
  const found = head.BucketRegion ?? use.region;
  if (found !== use.region)
    problems.push(`expected region ${use.region}, found ${found}; deploy with --region ${found}`);
  const { Status = 'none' } = await client.send(new GetBucketVersioningCommand(request));
  if (Status !== 'Enabled') problems.push(`expected versioning Enabled, found ${Status}; switch it on`);
  if (!(await blocksPublicAccess(client, bucket)))
    problems.push('expected all public access blocked; switch on Block Public Access');
  const rules = await orNull(client.send(new GetBucketLifecycleConfigurationCommand(request)));
  if (!(rules?.Rules ?? []).some(expiresRuns))
    problems.push(
      `expected a lifecycle rule that expires runs/ within ${MAX_RUN_DAYS} days, found none; add it`,
    );
  if (!use.isInUse && (await orNull(client.send(new GetBucketPolicyCommand(request)))))
    problems.push(
      'expected no bucket policy, which this stack would replace, found one; if no stack uses the bucket any more, ' +
        `delete it: aws s3api delete-bucket-policy --bucket ${bucket}`,
    );
  const visibility = await readDatasetVisibility(config, bucket);
  if (visibility !== null && visibility !== use.visibility)
    problems.push(
      `expected a ${use.visibility} dataset, found a ${visibility} one; a dataset keeps its visibility`,
    );
  return problems.map((problem) => `bucket ${bucket}: ${problem}`);
}

async function blocksPublicAccess(client: S3Client, bucket: string): Promise<boolean> {
  const found = await orNull(client.send(new GetPublicAccessBlockCommand({ Bucket: bucket })));
  const block = found?.PublicAccessBlockConfiguration;
  const { BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets } = block ?? {};
  return Boolean(BlockPublicAcls && BlockPublicPolicy && IgnorePublicAcls && RestrictPublicBuckets);
}

function expiresRuns(rule: LifecycleRule): boolean {
  const prefix = rule.Filter?.Prefix ?? rule.Prefix;
  const days = rule.Expiration?.Days ?? Number.POSITIVE_INFINITY;
  return rule.Status === 'Enabled' && prefix === 'runs/' && days <= MAX_RUN_DAYS;
}

/** The visibility of the newest release; null for a bucket without releases. */
async function readDatasetVisibility(config: AwsConfig, bucket: string): Promise<string | null> {
  const store = s3Store(`s3://${bucket}`, { client: config as object });
  const releases = await store.listFolders(RELEASES_FOLDER);
  return releases.length === 0 ? null : readVisibility(store);
}

/** The answer, or null if S3 has no such setting (404). */
async function orNull<Answer>(answer: Promise<Answer>): Promise<Answer | null> {
  try {
    return await answer;
  } catch (error) {
    const { httpStatusCode } = (error as { $metadata?: { httpStatusCode?: number } }).$metadata ?? {};
    if (httpStatusCode === 404) return null;
    throw error;
  }
}
