// Turns errors of S3, the SDK and the network into one line that says what to do. It repeats no text of a response that
// could hold a credential.
import { ProxyError, proxyLabel } from '../../environment/proxy-error.ts';
import { type ProxyEnv, proxiesOf } from '../../environment/proxy-variables.ts';
import { StoreConflictError, StoreError } from '../store.ts';
import { NOT_S3_MESSAGE, UnexpectedResponseError } from './response.ts';

/** The facts about an operation that its error message needs. */
export interface OperationContext {
  /** `s3://bucket/prefix/key`. */
  readonly location: string;
  readonly bucket: string;
  /** The operation's name in S3, such as `PutObject`. */
  readonly operation: string;
  /** Milliseconds for one operation with all its attempts. */
  readonly timeout: number;
  readonly isTimedOut: boolean;
  readonly proxyEnv?: ProxyEnv;
}

/** The parts of an SDK error that decide its message. */
interface S3Failure {
  readonly name: string;
  readonly status: number | undefined;
  /** The bucket's region, from the error response. */
  readonly region: string | undefined;
}

const RENEW_ADVICE = 'renew them, or choose others with AWS_PROFILE or AWS_ACCESS_KEY_ID';

const CREDENTIAL_ERRORS: Record<string, string> = {
  CredentialsProviderError: `no AWS credentials were found; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
  InvalidAccessKeyId: `the access key is not known there; ${RENEW_ADVICE}`,
  SignatureDoesNotMatch: `the secret key does not belong to the access key; ${RENEW_ADVICE}`,
  ExpiredToken: `the credentials have expired; ${RENEW_ADVICE}`,
  ExpiredTokenException: `the credentials have expired; ${RENEW_ADVICE}`,
  InvalidToken: `the session token is not valid; ${RENEW_ADVICE}`,
  UnrecognizedClientException: `the credentials are not known there; ${RENEW_ADVICE}`,
  RequestTimeTooSkewed: "this machine's clock is wrong; set it and run again",
};

const BUSY_ERRORS = [
  'ConditionalRequestConflict',
  'OperationAborted',
  'SlowDown',
  'ServiceUnavailable',
  'InternalError',
  'RequestLimitExceeded',
  'ThrottlingException',
];
const REGION_ERRORS = [
  'PermanentRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
];
const NETWORK_ERRORS =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EPIPE|ETIMEDOUT|TimeoutError)$/;

/** The name of a thrown value: S3's error code, or the network's. */
export function errorNameOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  // A network error has the name `Error`, so its code says more.
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return NETWORK_ERRORS.test(code) ? code : error.name;
}

/** The HTTP status of the response that caused the error. */
export function statusOf(error: unknown): number | undefined {
  return metadataOf(error).httpStatusCode;
}

/** True if the object does not exist. False for a missing bucket, which is an error. */
export function isMissing(error: unknown): boolean {
  return statusOf(error) === 404 && ['NoSuchKey', 'NotFound'].includes(errorNameOf(error));
}

/** How often the SDK sent the request. */
export function attemptsOf(error: unknown): number {
  return metadataOf(error).attempts ?? 1;
}

function metadataOf(error: unknown): { httpStatusCode?: number; attempts?: number } {
  return error instanceof Error && '$metadata' in error && error.$metadata ? error.$metadata : {};
}

/** Turns an error of an operation into a StoreError of one line: the location, what is wrong, what to do. */
export function s3StoreError(key: string, context: OperationContext, cause: unknown): Error {
  if (cause instanceof StoreError || cause instanceof StoreConflictError) return cause;
  const failure = { name: errorNameOf(cause), status: statusOf(cause), region: regionOf(cause) };
  const message = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof RangeError) return new StoreError(key, `${context.location} ${message}`, { cause });
  if (cause instanceof UnexpectedResponseError)
    return new StoreError(key, `${context.location}: ${message}`, { cause });
  // The SDK's message for a response that is not XML.
  if (/XML parse error/.test(message))
    return new StoreError(key, `${context.location}: ${NOT_S3_MESSAGE}`, { cause });
  const reason =
    (cause instanceof ProxyError && !context.isTimedOut ? message : undefined) ??
    reasonOf(failure, context) ??
    `S3 refused (${failure.name}: ${oneLine(message)})`;
  return new StoreError(key, `${context.location}: ${reason}`, { cause });
}

/** True if a wrong setting (bucket, credentials, region) caused the error, so that another attempt cannot help. */
export function isMisconfiguration({ cause }: StoreError): boolean {
  const status = statusOf(cause) ?? 0;
  const refused = status >= 300 && status < 500 && ![408, 409, 429].includes(status);
  return refused || Object.hasOwn(CREDENTIAL_ERRORS, errorNameOf(cause)) || regionOf(cause) === '';
}

function reasonOf({ name, status, region }: S3Failure, context: OperationContext): string | undefined {
  const { bucket, operation, timeout, isTimedOut } = context;
  const network = ['the network', ...proxiesOf(context.proxyEnv ?? {}).map(proxyLabel)].join(', ');
  if (isTimedOut) return `no whole answer within ${timeout / 1000} s; check ${network} and run again`;
  if (Object.hasOwn(CREDENTIAL_ERRORS, name)) return CREDENTIAL_ERRORS[name];
  if (name === 'NoSuchBucket') return `there is no bucket ${bucket}; create it, or correct the address`;
  if (status === 301 || REGION_ERRORS.includes(name))
    return `the bucket lies in ${region ?? 'another region'}; set AWS_REGION to its region`;
  if (NETWORK_ERRORS.test(name))
    return `S3 cannot be reached (${name}); check ${network}, AWS_REGION and AWS_ENDPOINT_URL`;
  if (status === 403)
    return `access denied; let the credentials in use do s3:${PERMISSIONS[operation] ?? operation}, or choose others with AWS_PROFILE`;
  if (BUSY_ERRORS.includes(name) || (status ?? 0) >= 500)
    return `S3 is too busy (${status} ${name}) and was so at every try; run again later`;
  return name === 'Error' && region === '' ? 'no AWS region is set; set AWS_REGION' : undefined;
}

/** Without permission to list, S3 answers 403 for a missing object, so reading needs both permissions. */
const READ = 'GetObject and s3:ListBucket';

/** IAM's names of the permissions that differ from the operation's name. */
const PERMISSIONS: Record<string, string> = {
  GetObject: READ,
  HeadObject: READ,
  ListObjectsV2: 'ListBucket',
  ListObjectVersions: 'ListBucketVersions',
};

/** The region in an error's response; '' if the SDK has no region set. */
function regionOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.message === 'Region is missing') return '';
  if ('Region' in error && typeof error.Region === 'string') return error.Region;
  const response = '$response' in error ? (error.$response as { headers?: Record<string, string> }) : {};
  return response?.headers?.['x-amz-bucket-region'];
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').slice(0, 300);
