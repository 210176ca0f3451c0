// Changes to the compiled template that YAML cannot express.
import type { Parameters } from './parameters.ts';
import type { Json } from './template.ts';

/** Changes a compiled template in place, by these parameters. */
export function adaptTemplate(template: Json, parameters: Parameters): void {
  const { concurrency, permissionsBoundary, bucket } = parameters;
  setConcurrency(template.Resources, Number(concurrency));
  if (permissionsBoundary)
    for (const { Type, Properties: properties } of Object.values<Json>(template.Resources))
      if (Type === 'AWS::IAM::Role') properties.PermissionsBoundary = permissionsBoundary;
  if (bucket) adoptBucket(template, String(bucket));
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

/** Takes the bucket out of the template, and puts the name of this one in place of every reference. */
function adoptBucket(template: Json, name: string): void {
  delete template.Resources.Bucket;
  for (const section of ['Resources', 'Outputs', 'Conditions'])
    template[section] = withoutReferences(template[section], name);
}

function withoutReferences(node: Json, name: string): Json {
  if (Array.isArray(node)) return node.map((item) => withoutReferences(item, name));
  if (node === null || typeof node !== 'object') return node;
  const arn = `arn:\${AWS::Partition}:s3:::${name}`;
  const domain = `${name}.s3.\${AWS::Region}.\${AWS::URLSuffix}`;
  if (node.Ref === 'Bucket') return name;
  const attribute = [node['Fn::GetAtt']].flat().join('.');
  if (attribute === 'Bucket.Arn') return { 'Fn::Sub': arn };
  if (attribute === 'Bucket.RegionalDomainName') return { 'Fn::Sub': domain };
  const inText = (text: string): string =>
    text.replaceAll(/\$\{Bucket\}/g, name).replaceAll(/\$\{Bucket\.Arn\}/g, () => arn);
  const substitution = node['Fn::Sub'];
  if (Array.isArray(substitution))
    return { 'Fn::Sub': [inText(substitution[0]), withoutReferences(substitution[1], name)] };
  if (typeof substitution === 'string') {
    const text = inText(substitution);
    return /\$\{/.test(text) ? { 'Fn::Sub': text } : text;
  }
  return Object.fromEntries(
    Object.entries<Json>(node).map(([key, value]) => [key, withoutReferences(value, name)]),
  );
}
