// `notify`: mails the operator when a run did not end well, and when a country lost or regained its answer. EventBridge
// calls it at the end of every execution of the state machine.
import { SNSClient } from '@aws-sdk/client-sns';
import { createConnection } from '../lib/aws/connection.ts';
import { createMailer } from '../lib/aws/mailer.ts';
import { readLambdaEnvironment } from '../lib/environment/configuration.ts';
import { openDestination } from '../lib/run/context.ts';
import { composeMail } from '../lib/run/outcome/mail/compose.ts';
import { runOf } from '../lib/run/outcome/mail/execution.ts';
import { findGapChanges, NO_GAP_CHANGES } from '../lib/run/outcome/mail/gaps.ts';
import { createHandler } from './create-handler.ts';
import { executionEnded } from './events.ts';

function initialise() {
  const environment = readLambdaEnvironment(['destination', 'alarmTopic']);
  return {
    store: openDestination(environment.destination, environment),
    mailer: createMailer(new SNSClient(createConnection(environment)), environment.alarmTopic),
  };
}

export const handler = createHandler(
  { eventStruct: executionEnded, logKeys: ({ detail }) => ({ run: runOf(detail) }), initialise },
  async ({ detail }, { resources: { store, mailer }, logger }) => {
    const gaps = await findGapChanges(store, new Date()).catch((error: Error) => {
      // The bucket may be why the run failed: that is told at any rate.
      if (detail.status === 'SUCCEEDED') throw error;
      logger.warn(error.message, { error_name: error.name });
      return NO_GAP_CHANGES;
    });
    const mail = await composeMail(store, detail, gaps);
    if (mail) await mailer.send(mail);
    await gaps.record();
    logger.info(mail ? 'mailed' : 'nothing to mail', { status: detail.status, subject: mail?.subject });
    return { subject: mail?.subject ?? null };
  },
);
