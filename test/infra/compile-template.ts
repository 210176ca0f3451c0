// Compiles the template with osls and resolves it as CloudFormation would: it decides the conditions and removes the
// branches that are not taken.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { osls, parameterOptions } from './run-osls.ts';

/** JSON of any structure. The tests assert the parts that they use. */
export type Json = ReturnType<typeof JSON.parse>;

export interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties: Json;
  readonly [attribute: string]: Json;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, Json>>;
  readonly Rules: Readonly<Record<string, Json>>;
}

/** Compiles the project into `folder` as stage `test`. @throws {Error} with the output of osls */
export async function compile(
  folder: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Template> {
  const options = parameterOptions(parameters);
  const { exit, text } = await osls([
    'package',
    '--stage',
    'test',
    '--package',
    join(folder, 'out'),
    ...options,
  ]);
  if (exit !== 0) throw new Error(text);
  const compiled = await readFile(join(folder, 'out/cloudformation-template-update-stack.json'), 'utf8');
  return resolveTemplate(JSON.parse(compiled));
}

/** Resolves a template with the defaults of its parameters. */
export function resolveTemplate(template: Json): Template {
  const values: Record<string, string> = {};
  for (const [name, { Default }] of Object.entries<Json>(template.Parameters)) values[name] = Default;
  const conditions: Record<string, boolean> = {};
  for (const [name, condition] of Object.entries(template.Conditions))
    conditions[name] = isTrue(condition, values);
  const present = ({ Condition }: Json): boolean => Condition === undefined || conditions[Condition] === true;
  const kept = (section: Json): Json =>
    Object.fromEntries(Object.entries(section).filter(([, entry]) => present(entry)));
  const { Resources, Outputs, Rules } = template;
  const resolved = resolveNode(
    { Resources: kept(Resources), Outputs: kept(Outputs) },
    { values, conditions },
  );
  return { ...resolved, Rules };
}

/** Evaluates a condition or a rule's assertion. Knows only the CloudFormation functions that the template uses. */
export function isTrue(node: Json, values: Readonly<Record<string, string>>): boolean {
  const [[name, args]] = Object.entries<Json>(node) as [[string, Json]];
  const text = (value: Json): string => (typeof value === 'string' ? value : String(values[value.Ref]));
  if (name === 'Fn::Equals') return text(args[0]) === text(args[1]);
  if (name === 'Fn::Not') return !isTrue(args[0], values);
  if (name === 'Fn::And') return args.every((arg: Json) => isTrue(arg, values));
  throw new Error(`${name}: a function that the tests do not know`);
}

/** The values of parameters and conditions, by name. */
interface TemplateValues {
  readonly values: Readonly<Record<string, string>>;
  readonly conditions: Readonly<Record<string, boolean>>;
}

const NO_VALUE = Symbol('AWS::NoValue');

/** Replaces references to parameters by their values, and each `Fn::If` by the branch that is taken. */
function resolveNode(node: Json, known: TemplateValues): Json {
  if (Array.isArray(node))
    return node.map((item) => resolveNode(item, known)).filter((item) => item !== NO_VALUE);
  if (node === null || typeof node !== 'object') return node;
  if (node.Ref === 'AWS::NoValue') return NO_VALUE;
  if (node.Ref in known.values) return known.values[node.Ref];
  const branches = node['Fn::If'];
  if (branches) return resolveNode(branches[known.conditions[branches[0]] ? 1 : 2], known);
  const entries = Object.entries(node).map(([key, value]) => [key, resolveNode(value, known)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== NO_VALUE));
}

/** The resources of a type, by name. */
export const ofType = ({ Resources }: Template, type: string): [string, Resource][] =>
  Object.entries(Resources).filter(([, { Type }]) => Type === type);

export interface Statement {
  /** The resource that has the policy. */
  readonly of: string;
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: Json;
  readonly Action: readonly string[];
  /** ARNs as text, with the names of resources in angle brackets. */
  readonly Resource: readonly string[];
  readonly Condition?: Json;
}

/** Every statement of every policy of roles and resources, except the trust policies of roles. */
export function statements({ Resources }: Template): Statement[] {
  return Object.entries(Resources).flatMap(([of, { Properties: properties }]) => {
    const documents = [
      properties?.PolicyDocument,
      ...(properties?.Policies ?? []).map((p: Json) => p.PolicyDocument),
    ];
    return documents.filter(Boolean).flatMap((document) =>
      [document.Statement].flat().map((statement: Json) => ({
        of,
        ...statement,
        Action: [statement.Action].flat(),
        Resource: [statement.Resource].flat().map(textOf),
      })),
    );
  });
}

/** A reference as text: `<Bucket.Arn>/runs/*` for `Fn::Sub`, `<Bucket.Arn>` for `Fn::GetAtt`, `<Bucket>` for `Ref`. */
export function textOf(value: Json): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (value['Fn::Sub']) return value['Fn::Sub'].replaceAll(/\$\{([^}]+)\}/g, '<$1>');
  if (value['Fn::GetAtt']) return `<${value['Fn::GetAtt'].join('.')}>`;
  return value.Ref ? `<${value.Ref}>` : JSON.stringify(value);
}
