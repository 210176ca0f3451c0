// Every kind of S3 error becomes one line that says what to do. Some are known to come from a wrong setting.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMisconfiguration, isMissing, s3StoreError } from '../../../lib/store/s3/errors.ts';
import { StoreConflictError, StoreError } from '../../../lib/store/store.ts';

const CONTEXT = {
  location: 's3://bucket/data/latest.json',
  bucket: 'bucket',
  operation: 'GetObject',
  timeout: 2_000,
  isTimedOut: false,
};

/** An error like those that the SDK throws. */
const thrown = (name: string, httpStatusCode?: number, more: object = {}): Error =>
  Object.assign(new Error('AKIAEXAMPLE is\nnot welcome'), { name, $metadata: { httpStatusCode }, ...more });

const coded = (code: string): Error => Object.assign(new Error('socket'), { code });

const region = { $response: { headers: { 'x-amz-bucket-region': 'eu-west-1' } } };

const CASES: [error: unknown, says: RegExp, isOfSetting: boolean][] = [
  [thrown('NoSuchBucket', 404), /^there is no bucket bucket; create it, or correct the address$/, true],
  [
    thrown('AccessDenied', 403),
    /^access denied; let the credentials in use do s3:GetObject and s3:ListBucket, /,
    true,
  ],
  [thrown('403', 403), /^access denied; /, true],
  [
    thrown('CredentialsProviderError'),
    /^no AWS credentials were found; set AWS_PROFILE, or AWS_ACCESS_KEY_ID /,
    true,
  ],
  [
    thrown('InvalidAccessKeyId', 403),
    /^the access key is not known there; renew them, or choose others/,
    true,
  ],
  [thrown('SignatureDoesNotMatch', 403), /^the secret key does not belong to the access key; renew/, true],
  [thrown('ExpiredToken', 400), /^the credentials have expired; renew/, true],
  [thrown('InvalidToken', 400), /^the session token is not valid; renew/, true],
  [thrown('RequestTimeTooSkewed', 403), /^this machine's clock is wrong; set it and run again$/, true],
  [
    thrown('PermanentRedirect', 301, region),
    /^the bucket lies in eu-west-1; set AWS_REGION to its region$/,
    true,
  ],
  [thrown('301', 301), /^the bucket lies in another region; set AWS_REGION to its region$/, true],
  [
    thrown('AuthorizationHeaderMalformed', 400, { Region: 'eu-west-2' }),
    /^the bucket lies in eu-west-2; /,
    true,
  ],
  [new Error('Region is missing'), /^no AWS region is set; set AWS_REGION$/, true],
  [
    thrown('SlowDown', 503),
    /^S3 is too busy \(503 SlowDown\) and was so at every try; run again later$/,
    false,
  ],
  [thrown('InternalError', 500), /^S3 is too busy \(500 InternalError\)/, false],
  [thrown('502', 502), /^S3 is too busy \(502 502\)/, false],
  [thrown('ConditionalRequestConflict', 409), /^S3 is too busy \(409 ConditionalRequestConflict\)/, false],
  [thrown('TimeoutError'), /^S3 cannot be reached \(TimeoutError\); check the network, /, false],
  [coded('ECONNREFUSED'), /^S3 cannot be reached \(ECONNREFUSED\); check the network, /, false],
  [coded('ENOTFOUND'), /^S3 cannot be reached \(ENOTFOUND\)/, false],
  [
    thrown('InvalidObjectState', 400),
    /^S3 refused \(InvalidObjectState: AKIAEXAMPLE is not welcome\)$/,
    true,
  ],
  ['nothing known', /^S3 refused \(: nothing known\)$/, false],
];

/** The error's code, name or message: the part that tells it from the others. */
function labelOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error) return String(error.code);
  return error.name === 'Error' ? error.message : error.name;
}

for (const [error, says, isOfSetting] of CASES) {
  test(`s3StoreError explains ${labelOf(error)}`, () => {
    const refusal = s3StoreError('latest.json', CONTEXT, error);
    assert.ok(refusal instanceof StoreError);
    assert.equal(refusal.key, 'latest.json');
    assert.equal(refusal.cause, error);
    const [location, reason = ''] = refusal.message.split(/(?<=latest\.json): /);
    assert.equal(location, CONTEXT.location);
    assert.match(reason, says);
    assert.equal(isMisconfiguration(refusal), isOfSetting);
  });
}

test('s3StoreError reports the time limit, whatever error it caused', () => {
  const { message } = s3StoreError('latest.json', { ...CONTEXT, isTimedOut: true }, coded('ECONNRESET'));
  assert.equal(message, `${CONTEXT.location}: no whole answer within 2 s; check the network and run again`);
});

test('AccessDenied names the missing permission as IAM does', () => {
  for (const [operation, permission] of [
    ['PutObject', 's3:PutObject'],
    ['ListObjectsV2', 's3:ListBucket'],
    ['ListObjectVersions', 's3:ListBucketVersions'],
    ['DeleteObjectVersion', 's3:DeleteObjectVersion'],
  ])
    assert.ok(
      s3StoreError(
        'x',
        { ...CONTEXT, operation: operation ?? '' },
        thrown('AccessDenied', 403),
      ).message.includes(`do ${permission}, or choose others`),
    );
});

test('s3StoreError keeps a StoreError and a StoreConflictError as they are', () => {
  for (const error of [new StoreError('x', 'said'), new StoreConflictError('x', 'nothing there')])
    assert.equal(s3StoreError('x', CONTEXT, error), error);
  const { message } = s3StoreError('x', CONTEXT, new RangeError('has no bytes 1-2'));
  assert.equal(message, `${CONTEXT.location} has no bytes 1-2`);
});

test('isMissing is true only for NoSuchKey and NotFound with 404', () => {
  assert.ok(isMissing(thrown('NoSuchKey', 404)) && isMissing(thrown('NotFound', 404)));
  for (const other of [thrown('NoSuchBucket', 404), thrown('NoSuchKey', 400), coded('ENOTFOUND'), null])
    assert.ok(!isMissing(other));
});
