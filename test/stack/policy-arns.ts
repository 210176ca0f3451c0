// Writes the policies of a compiled template as AWS would see them: references become ARNs of an example account.
import { type Json, type Statement, type Template, textOf } from '../infra/compile-template.ts';

const ACCOUNT = 'eu-central-1:123456789012';

/** The ARN of a resource by its type. CloudFormation ends that of a log group with `:*`. */
const ARNS: Readonly<Record<string, (name: string) => string>> = {
  'AWS::S3::Bucket': (name) => `arn:aws:s3:::${name.toLowerCase()}`,
  'AWS::SNS::Topic': (name) => `arn:aws:sns:${ACCOUNT}:${name}`,
  'AWS::SQS::Queue': (name) => `arn:aws:sqs:${ACCOUNT}:${name}`,
  'AWS::Events::EventBus': (name) => `arn:aws:events:${ACCOUNT}:event-bus/${name}`,
  'AWS::Events::Rule': (name) => `arn:aws:events:${ACCOUNT}:rule/${name}`,
  'AWS::Lambda::Function': (name) => `arn:aws:lambda:${ACCOUNT}:function:${name}`,
  'AWS::Logs::LogGroup': (name) => `arn:aws:logs:${ACCOUNT}:log-group:${name}:*`,
  'AWS::StepFunctions::StateMachine': (name) => `arn:aws:states:${ACCOUNT}:stateMachine:${name}`,
};

/** Types whose `Ref` is an ARN. That of any other type is a name or an id. */
const REF_IS_ARN = ['AWS::SNS::Topic', 'AWS::StepFunctions::StateMachine'];

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'eu-central-1',
  'AWS::AccountId': '123456789012',
};

/** The IAM policy document with these statements. */
export const policyOf = (template: Template, statements: readonly Statement[]): Json => ({
  Version: '2012-10-17',
  Statement: statements.map(({ of: _, ...statement }) => ({
    ...statement,
    Resource: statement.Resource.map((resource) => arnOf(template, resource)),
    ...(statement.Condition && { Condition: resolveCondition(template, statement.Condition) }),
  })),
});

/** A condition with its references resolved: `{StringEquals: {"kms:ViaService": {"Fn::Sub": ...}}}`. */
function resolveCondition(template: Template, condition: Json): Json {
  if (typeof condition !== 'object' || Object.keys(condition).some((key) => /^(Fn::|Ref$)/.test(key)))
    return arnOf(template, textOf(condition));
  if (Array.isArray(condition)) return condition.map((value) => resolveCondition(template, value));
  const entries = Object.entries<Json>(condition);
  return Object.fromEntries(entries.map(([key, value]) => [key, resolveCondition(template, value)]));
}

/** Replaces the references in an ARN as text (`<Bucket.Arn>/runs/*`). @throws {TypeError} for an unknown reference */
function arnOf({ Resources }: Template, resource: string): string {
  return resource.replaceAll(/<([\w:]+)(\.Arn)?>/g, (_, name: string, attribute?: string) => {
    if (name in PSEUDO) return PSEUDO[name] as string;
    const type = Resources[name]?.Type ?? '';
    if (!attribute && !REF_IS_ARN.includes(type)) return name;
    const arn = ARNS[type];
    if (!arn) throw new TypeError(`${resource}: no example ARN for the type "${type}"`);
    return arn(name);
  });
}
