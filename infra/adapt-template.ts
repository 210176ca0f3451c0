// Changes to the compiled template that YAML cannot express.
import type { Parameters } from './parameters.ts';
import type { Json } from './template.ts';

/** Changes a compiled template in place, by these parameters. */
export function adaptTemplate({ Resources }: Json, parameters: Parameters): void {
  setConcurrency(Resources, Number(parameters.concurrency));
}

/**
 * Both must be numbers, and a substitution makes a text. The reservation is one more than what the state machine uses:
 * a unit can start while Lambda still counts the one before it.
 */
function setConcurrency({ Workflow, FetchLambdaFunction }: Json, concurrency: number): void {
  Workflow.Properties.Definition.States.Fetch.MaxConcurrency = concurrency;
  FetchLambdaFunction.Properties.ReservedConcurrentExecutions = {
    'Fn::If': ['Reserving', concurrency + 1, { Ref: 'AWS::NoValue' }],
  };
}
