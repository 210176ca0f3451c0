// Runs off schedule: an execution of the state machine under the run's id, which exists once.
import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';

/** Starts executions by name; one that exists already, or has ended, is not started again. */
export interface Executions {
  start(name: string, input: Readonly<Record<string, unknown>>): Promise<'started' | 'already started'>;
}

/** Executions of the state machine with this ARN. */
export const createExecutions = (client: SFNClient, stateMachineArn: string): Executions => ({
  async start(name, input) {
    try {
      await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
      return 'started';
    } catch (error) {
      if (error instanceof ExecutionAlreadyExists) return 'already started';
      throw error;
    }
  },
});
