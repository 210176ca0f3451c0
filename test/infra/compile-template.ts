// The template that osls compiles, and what CloudFormation would make of it: its conditions decided, the branches that
// are not taken left out.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { osls, parameterOptions } from './run-osls.ts';

/** A template is JSON of any shape, and what tests ask of it is asserted. */
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

/** Compiles the project into `folder` as stage `test`. @throws {Error} with what osls said */
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
  return settle(JSON.parse(compiled));
}

/** The template with its conditions decided by its parameters' defaults. */
export function settle(template: Json): Template {
  const values: Record<string, string> = {};
  for (const [name, { Default }] of Object.entries<Json>(template.Parameters)) values[name] = Default;
  const holds: Record<string, boolean> = {};
  for (const [name, condition] of Object.entries(template.Conditions))
    holds[name] = truthOf(condition, values);
  const present = ({ Condition }: Json): boolean => Condition === undefined || holds[Condition] === true;
  const kept = (section: Json): Json =>
    Object.fromEntries(Object.entries(section).filter(([, entry]) => present(entry)));
  const { Resources, Outputs, Rules } = template;
  const decided = decide({ Resources: kept(Resources), Outputs: kept(Outputs) }, { values, holds });
  return { ...decided, Rules };
}

/** A rule's assertion or a condition: of CloudFormation's functions those that the template uses. */
export function truthOf(node: Json, values: Readonly<Record<string, string>>): boolean {
  const [[name, args]] = Object.entries<Json>(node) as [[string, Json]];
  const text = (value: Json): string => (typeof value === 'string' ? value : String(values[value.Ref]));
  if (name === 'Fn::Equals') return text(args[0]) === text(args[1]);
  if (name === 'Fn::Not') return !truthOf(args[0], values);
  throw new Error(`${name}: a function that the tests do not know`);
}

interface Decided {
  readonly values: Readonly<Record<string, string>>;
  readonly holds: Readonly<Record<string, boolean>>;
}

const NOTHING = Symbol('AWS::NoValue');

function decide(node: Json, decided: Decided): Json {
  if (Array.isArray(node))
    return node.map((item) => decide(item, decided)).filter((item) => item !== NOTHING);
  if (node === null || typeof node !== 'object') return node;
  if (node.Ref === 'AWS::NoValue') return NOTHING;
  if (node.Ref in decided.values) return decided.values[node.Ref];
  const branches = node['Fn::If'];
  if (branches) return decide(branches[decided.holds[branches[0]] ? 1 : 2], decided);
  const entries = Object.entries(node).map(([key, value]) => [key, decide(value, decided)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== NOTHING));
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
  /** As text: an ARN with its functions' arguments in their places. */
  readonly Resource: readonly string[];
  readonly Condition?: Json;
}

/** Every statement of every policy, of roles and of resources alike, but who may take a role on. */
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

/** `<Bucket.Arn>/runs/*` of `Fn::Sub`, `<Bucket.Arn>` of `Fn::GetAtt`, `<Bucket>` of `Ref`. */
export function textOf(value: Json): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (value['Fn::Sub']) return value['Fn::Sub'].replaceAll(/\$\{([^}]+)\}/g, '<$1>');
  if (value['Fn::GetAtt']) return `<${value['Fn::GetAtt'].join('.')}>`;
  return value.Ref ? `<${value.Ref}>` : JSON.stringify(value);
}
