// Sends the operator's mails to the topic of the alarms.
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Mail } from '../run/outcome/mail/compose.ts';

/** Sends a mail to all subscribers of a topic. */
export interface Mailer {
  send(mail: Mail): Promise<void>;
}

/** Creates a mailer for a topic. */
export const createMailer = (sns: SNSClient, topicArn: string): Mailer => ({
  async send({ subject, text }) {
    await sns.send(new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: text }));
  },
});
