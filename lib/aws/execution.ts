// Starts runs outside the schedule: executions of the state machine. The run's id is the execution's name, which is unique.
import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';

/** Starts executions by name. A name that was used before, even by an ended execution, is not started again. */
export interface Executions {
  start(name: string, input: Readonly<Record<string, unknown>>): Promise<'started' | 'already started'>;
}

/** Creates a starter for executions of the state machine with this ARN. */
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
