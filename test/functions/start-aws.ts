// A small server in place of AWS for the functions: SSM, Step Functions, Glue, SNS, EventBridge and CloudFront, but not S3.
// The real SDK sends requests to it, and it records what it receives. test/stack runs the same calls against an emulator.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

type Json = Record<string, unknown>;

export interface Aws {
  readonly url: string;
  /** SecureStrings by name. */
  readonly parameters: Map<string, string>;
  /** Inputs by name. */
  readonly executions: Map<string, Json>;
  /** Names of executions that have ended. */
  readonly ended: Set<string>;
  /** Glue's inputs by name. */
  readonly tables: Map<string, Json>;
  /** Names of the tables of which Glue keeps an old version. */
  readonly archived: string[];
  /** Messages on the topic: the parameters of each `Publish`. */
  readonly messages: URLSearchParams[];
  /** Entries on the bus. */
  readonly events: Json[];
  /** Paths that CloudFront was asked to forget, each with its distribution before it. */
  readonly forgotten: string[];
  /** The names of all calls, in order. */
  readonly calls: string[];
  /** Calls to refuse, with the name of the error. */
  readonly refused: Map<string, string>;
}

type Answer = { readonly status: number; readonly body: string };

const json = (body: Json = {}): Answer => ({ status: 200, body: JSON.stringify(body) });
const refusal = (name: string): Answer => ({
  status: 400,
  body: JSON.stringify({ __type: name, message: `${name} by the test` }),
});

/** Starts the server. It is closed when the test ends. */
export async function startAws(t: TestContext): Promise<Aws> {
  const aws: Omit<Aws, 'url'> = {
    parameters: new Map(),
    executions: new Map(),
    ended: new Set(),
    tables: new Map(),
    archived: [],
    messages: [],
    events: [],
    forgotten: [],
    calls: [],
    refused: new Map(),
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const call = nameOf(request);
    const { status, body } = answer(aws, call, Buffer.concat(chunks).toString(), request.url ?? '');
    response.writeHead(status, {
      'Content-Type': body.startsWith('<') ? 'text/xml' : 'application/x-amz-json-1.1',
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { ...aws, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** The call: from a header, or from the path of the services that have no such header. */
function nameOf({ url = '', headers }: IncomingMessage): string {
  if (url.endsWith('/invalidation')) return 'CreateInvalidation';
  return (
    String(headers['x-amz-target'] ?? 'SNS.Publish')
      .split('.')
      .at(-1) ?? ''
  );
}

function answer(aws: Omit<Aws, 'url'>, call: string, body: string, path: string): Answer {
  aws.calls.push(call);
  const refused = aws.refused.get(call);
  if (refused !== undefined) return refusal(refused);
  if (call === 'Publish') {
    aws.messages.push(new URLSearchParams(body));
    return {
      status: 200,
      body: '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>',
    };
  }
  if (call === 'CreateInvalidation') {
    const distribution = path.split('/').at(-2);
    for (const [, each] of body.matchAll(/<Path>([^<]+)<\/Path>/g))
      aws.forgotten.push(`${distribution} ${each}`);
    return { status: 201, body: '<Invalidation><Id>I1</Id></Invalidation>' };
  }
  return CALLS[call]?.(aws, JSON.parse(body)) ?? refusal('UnknownOperationException');
}

const CALLS: Record<string, (aws: Omit<Aws, 'url'>, input: Json) => Answer> = {
  GetParameter: ({ parameters }, { Name }) => {
    const Value = parameters.get(String(Name));
    return Value === undefined
      ? refusal('ParameterNotFound')
      : json({ Parameter: { Name, Value, Type: Value.startsWith('plain ') ? 'String' : 'SecureString' } });
  },
  PutEvents: ({ events }, { Entries }) => {
    events.push(...(Entries as Json[]));
    return json({ FailedEntryCount: 0, Entries: [{ EventId: '1' }] });
  },
  // Step Functions: a running execution with the same input is no error.
  StartExecution: ({ executions, ended }, { name, input }) => {
    const existing = executions.get(String(name));
    if (existing && (ended.has(String(name)) || JSON.stringify(existing) !== input))
      return refusal('ExecutionAlreadyExists');
    executions.set(String(name), JSON.parse(String(input)));
    return json({ executionArn: `arn:aws:states:x:1:execution:m:${name}`, startDate: 1 });
  },
  UpdateTable: ({ tables, archived }, input) => {
    if (input.SkipArchive !== true) archived.push(String((input.TableInput as Json).Name));
    return putTable(tables, input, true);
  },
  CreateTable: ({ tables }, input) => putTable(tables, input, false),
};

function putTable(tables: Aws['tables'], { TableInput }: Json, exists: boolean): Answer {
  const table = TableInput as Json;
  const name = String(table.Name);
  if (tables.has(name) !== exists)
    return refusal(exists ? 'EntityNotFoundException' : 'AlreadyExistsException');
  tables.set(name, table);
  return json();
}
