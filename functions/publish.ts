// `publish`: publishes a run, or records its failure after the state machine's last try.
import { createHandler } from './create-handler.ts';
import { publishEvent } from './events.ts';
import { publishRun } from './publish-run.ts';
import { recordRunFailure, runOf } from './record-failure.ts';
import { createRunResources } from './resources.ts';

export const handler = createHandler(
  { eventStruct: publishEvent, logKeys: (event) => ({ run: runOf(event) }), initialise: createRunResources },
  async (event, invocation) =>
    'failure' in event ? await recordRunFailure(event, invocation) : await publishRun(event, invocation),
);
