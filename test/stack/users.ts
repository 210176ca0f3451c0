// Users of a ministack that was started with `auth`. IAM has no client here: it is asked by its query protocol, with the
// root's key, whose signature ministack does not look at.
import type { Aws } from './start-ministack.ts';

const ROOT =
  'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=none';

/** Makes a user who may do what these statements allow, and resolves to the environment of its programs. */
export async function userOf(
  { endpoint, environment }: Aws,
  name: string,
  statements: readonly Record<string, unknown>[],
): Promise<Record<string, string>> {
  const UserName = name;
  await iam(endpoint, { Action: 'CreateUser', UserName });
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  if (statements.length > 0)
    await iam(endpoint, { Action: 'PutUserPolicy', UserName, PolicyName: 'only', PolicyDocument });
  const key = await iam(endpoint, { Action: 'CreateAccessKey', UserName });
  const of = (tag: string) => new RegExp(`<${tag}>([^<]+)</${tag}>`).exec(key)?.[1] ?? '';
  return {
    ...environment,
    AWS_ACCESS_KEY_ID: of('AccessKeyId'),
    AWS_SECRET_ACCESS_KEY: of('SecretAccessKey'),
  };
}

export async function iam(endpoint: string, parameters: Record<string, string>): Promise<string> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: { authorization: ROOT, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ Version: '2010-05-08', ...parameters }).toString(),
  });
  const body = await answer.text();
  if (!answer.ok) throw new Error(`IAM refuses ${parameters.Action}: ${body}`);
  return body;
}
