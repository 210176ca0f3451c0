// Creates users of a ministack that was started with `auth`. There is no IAM client here, so requests use IAM's query protocol with
// the root's key, whose signature ministack does not check.
import type { Aws } from './start-ministack.ts';

const ROOT =
  'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=none';

/** Creates a user with the permissions of these statements, and returns the environment for its programs. */
export async function createUser(
  { endpoint, environment }: Aws,
  name: string,
  statements: readonly Record<string, unknown>[],
): Promise<Record<string, string>> {
  const UserName = name;
  await callIam(endpoint, { Action: 'CreateUser', UserName });
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  if (statements.length > 0)
    await callIam(endpoint, { Action: 'PutUserPolicy', UserName, PolicyName: 'only', PolicyDocument });
  const key = await callIam(endpoint, { Action: 'CreateAccessKey', UserName });
  const tagText = (tag: string) => new RegExp(`<${tag}>([^<]+)</${tag}>`).exec(key)?.[1] ?? '';
  return {
    ...environment,
    AWS_ACCESS_KEY_ID: tagText('AccessKeyId'),
    AWS_SECRET_ACCESS_KEY: tagText('SecretAccessKey'),
  };
}

export async function callIam(endpoint: string, parameters: Record<string, string>): Promise<string> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { authorization: ROOT, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ Version: '2010-05-08', ...parameters }).toString(),
  });
  const body = await response.text();
  if (!response.ok) throw new Error(`IAM refuses ${parameters.Action}: ${body}`);
  return body;
}
