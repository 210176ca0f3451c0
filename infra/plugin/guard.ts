// What a deployment may not do to a deployed stack, because readers and operators hold it.
import type { Deployed } from './deployed.ts';
import type { Json, Resource, Template } from './template.ts';

/** What users hold, with the properties by which CloudFormation replaces it or which are the address that they use. */
const HELD: Readonly<Record<string, readonly string[]>> = {
  Bucket: ['BucketName'],
  Distribution: ['DistributionConfig.Aliases'],
  Releases: ['TopicName'],
  Bus: ['Name'],
  Catalogue: ['CatalogId', 'DatabaseInput.Name'],
  Alarms: ['TopicName'],
  AlarmMail: ['TopicArn', 'Protocol', 'Endpoint'],
};

/** Something that a deployment would take away. */
export interface Loss {
  /** The name in the template, for example `Distribution`. */
  readonly name: string;
  /** Words for the operator. */
  readonly words: string;
}

/** Lists what `next` would remove or replace of what users hold. */
export function findLosses({ template, outputs }: Deployed, next: Template): Loss[] {
  return Object.entries(HELD).flatMap(([name, properties]) => {
    if (name === 'Bucket') return bucketLoss(outputs.BucketName, template, next);
    const [before, after] = [template.Resources[name], next.Resources[name]];
    if (!before) return [];
    if (after?.Type !== before.Type) return [{ name, words: `${name} (${before.Type}) would be removed` }];
    return properties
      .filter((path) => isReplaced(at(before, path), at(after, path)))
      .map((path) => ({
        name,
        words: `${name} would be replaced: ${path} ${text(at(before, path))} becomes ${text(at(after, path))}`,
      }));
  });
}

/** The stack's own bucket, or an adopted one, whose name is the output then. An adopted bucket that was its own is kept. */
function bucketLoss(current: string | undefined, before: Template, next: Template): Loss[] {
  if (current === undefined) return [];
  const isOwn = (template: Template): boolean => template.Resources.Bucket !== undefined;
  const adopted = isOwn(next) ? null : String(next.Outputs.BucketName?.Value);
  if (adopted === current || (isOwn(before) && isOwn(next))) return [];
  const words = `Bucket would be replaced: ${current} becomes ${adopted ?? 'a new bucket'}`;
  return [{ name: 'Bucket', words }];
}

/** A property that is added takes nothing away. */
const isReplaced = (before: Json, after: Json): boolean =>
  before !== undefined && JSON.stringify(before) !== JSON.stringify(after);

const at = ({ Properties: properties }: Resource, path: string): Json =>
  path.split('.').reduce((node, key) => node?.[key], properties);

const text = (value: Json): string => (value === undefined ? 'nothing' : JSON.stringify(value));

/** What the operator allows, from parameters. */
export interface Allowed {
  /** Names of resources. */
  readonly removal: readonly string[];
  readonly whileRunning: boolean;
}

/**
 * Lists why `next` must not replace what is deployed as `stack`, each with what to do. `running` are the names of
 * executions that run now. A change of visibility cannot be allowed: it would publish what is private.
 */
export function findRefusals(
  stack: string,
  { deployed, next, running }: { deployed: Deployed; next: Template; running: readonly string[] },
  allowed: Allowed,
): string[] {
  return [
    ...visibilityRefusal(stack, deployed, next),
    ...lossRefusal(findLosses(deployed, next), allowed.removal),
    ...(running.length > 0 && !allowed.whileRunning ? [runningRefusal(running)] : []),
  ];
}

function visibilityRefusal(stack: string, { parameters }: Deployed, next: Template): string[] {
  const [before, after] = [parameters.Visibility, visibilityOf(next)];
  if (before === undefined || before === after) return [];
  return [
    `visibility: the stack ${stack} is ${before} and stays so, got ${after}; deploy another stage: ` +
      'npx osls deploy --stage NAME',
  ];
}

/** The visibility that the functions of a resolved template have. */
const visibilityOf = ({ Resources }: Template): Json =>
  Resources.PublishLambdaFunction?.Properties.Environment.Variables.DTM_VISIBILITY;

function lossRefusal(losses: readonly Loss[], allowed: readonly string[]): string[] {
  const names = [...new Set(losses.map(({ name }) => name))];
  const isAllowed = names.length === allowed.length && names.every((name) => allowed.includes(name));
  if (isAllowed) return [];
  if (losses.length === 0)
    return [
      `allowRemoval: this deployment removes nothing that users hold, got ${allowed.join()}; leave it out`,
    ];
  return [
    `this deployment would take away what users hold: ${losses.map(({ words }) => words).join('; ')}. ` +
      'Set the parameters in the file of the stage as they were; or, if that is what you want, add ' +
      `--param allowRemoval=${names.join()}`,
  ];
}

const runningRefusal = (running: readonly string[]): string =>
  `a run is under way (${running.join(', ')}), and would go on with other code: deploy when it has ended, or add ` +
  '--param whileRunning=yes';
