// Compiles the template with osls, and shows its resources and permissions to tests.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Json, type Resource, resolveTemplate, type Template } from '../../infra/plugin/template.ts';
import { osls, parameterOptions } from './run-osls.ts';

export type { Json, Template };

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
