// Resolves a compiled template as CloudFormation does: it decides the conditions, and removes the branches not taken.

/** JSON of any structure. Callers use only the parts that they know. */
export type Json = ReturnType<typeof JSON.parse>;

export interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties: Json;
  readonly [attribute: string]: Json;
}

export interface Template {
  readonly Parameters: Readonly<Record<string, Json>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, Json>>;
  readonly Rules: Readonly<Record<string, Json>>;
}

/** The values of a template's parameters, by name. */
export type TemplateParameters = Readonly<Record<string, string>>;

/** Resolves a template with these values of its parameters. A parameter that is not given has its default. */
export function resolveTemplate(template: Json, given: TemplateParameters = {}): Template {
  const { Parameters = {}, Conditions = {}, Resources = {}, Outputs = {}, Rules = {} } = template;
  const values: Record<string, string> = {};
  for (const [name, { Default }] of Object.entries<Json>(Parameters)) values[name] = given[name] ?? Default;
  const conditions: Record<string, boolean> = {};
  for (const [name, condition] of Object.entries(Conditions))
    conditions[name] = isTrue(condition, values, Conditions);
  const present = ({ Condition }: Json): boolean => Condition === undefined || conditions[Condition] === true;
  const kept = (section: Json): Json =>
    Object.fromEntries(Object.entries(section).filter(([, entry]) => present(entry)));
  const resolved = resolveNode(
    { Resources: kept(Resources), Outputs: kept(Outputs) },
    { values, conditions },
  );
  return { ...resolved, Parameters, Rules };
}

/**
 * Evaluates a condition or a rule's assertion. `named` holds the conditions that it may refer to.
 * @throws {Error} if it is no condition of CloudFormation
 */
export function isTrue(node: Json, values: TemplateParameters, named: Json = {}): boolean {
  const [[name, args]] = Object.entries<Json>(node) as [[string, Json]];
  const text = (value: Json): string =>
    typeof value === 'string' ? value : String(values[value.Ref] ?? JSON.stringify(value));
  const isPartTrue = (part: Json): boolean => isTrue(part, values, named);
  if (name === 'Fn::Equals') return text(args[0]) === text(args[1]);
  if (name === 'Fn::Not') return !isPartTrue(args[0]);
  if (name === 'Fn::And') return args.every(isPartTrue);
  if (name === 'Fn::Or') return args.some(isPartTrue);
  if (name === 'Condition' && named[args]) return isPartTrue(named[args]);
  throw new Error(`${name}: expected a condition of CloudFormation`);
}

/** The values of parameters and conditions, by name. */
interface TemplateValues {
  readonly values: TemplateParameters;
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
