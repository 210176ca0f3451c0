// Does what Lambda does with the function `publish`: imports its bundle and calls its handler, here with a folder as store.
import { pathToFileURL } from 'node:url';

const [bundle = '', run = ''] = process.argv.slice(2);
const { handler } = await import(pathToFileURL(bundle).href);
const context = {
  functionName: 'publish',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:x:1:function:publish',
  memoryLimitInMB: '2048',
  awsRequestId: 'request-1',
  getRemainingTimeInMillis: () => 900_000,
};
const { outcome, reason } = await handler({ run, accept_drop: false, reissue: false }, context);
if (outcome !== 'published') throw new Error(`publish ended as ${outcome}: ${reason}`);
