// Finds and opens the dataset that a command was given: a location, or the bucket of a deployed stack.
import { type Command, Option } from 'commander';
import { createAnnouncer } from '../aws/announcer.ts';
import { createEdge } from '../aws/edge.ts';
import { type DeployedStack, readStack } from '../aws/stack.ts';
import type { Announcer } from '../catalogue/announce.ts';
import { readCurrent } from '../catalogue/pointer.ts';
import { ConfigurationError, readEnvironment, readProxies } from '../environment/configuration.ts';
import type { Edge } from '../retire/edge.ts';
import { isS3 } from '../store/s3/address.ts';
import type { Store } from '../store/store.ts';
import { openSource } from './locations.ts';
import { stackName } from './option-values.ts';

/** The location of a dataset, and the stack that it belongs to, if `--stack` named one. */
export interface Place {
  readonly location: string;
  readonly stack: DeployedStack | null;
}

/** The option `--stack` of a command whose argument is SOURCE or DEST. */
export const stackOption = (argument: 'SOURCE' | 'DEST'): Option =>
  new Option(
    '--stack <NAME>',
    `the deployed stack in place of ${argument}, such as dtm-exporter-prod${argument === 'DEST' ? '; its subscribers, tables, feed and caches follow' : ''}`,
  ).argParser(stackName);

/** What the user gave: the argument, `--stack`, or wrongly both or none. */
interface GivenPlace {
  readonly location: string | undefined;
  readonly stack: string | undefined;
}

/** Ends the command with a usage error unless one of the argument and `--stack` is given. */
export function checkPlace(
  command: Command,
  argument: 'SOURCE' | 'DEST',
  { location, stack }: GivenPlace,
): void {
  if (stack === undefined && location === undefined)
    command.error(`error: missing required argument '${argument}'; give it, or --stack NAME`);
  if (stack !== undefined && location !== undefined)
    command.error(
      `error: expected ${argument} or --stack, got both, ${location} and ${stack}; give one of them`,
    );
}

/** Finds the place that the argument or `--stack` names. @throws as `checkPlace` and `readStack` */
export async function findPlace(
  command: Command,
  argument: 'SOURCE' | 'DEST',
  given: GivenPlace,
): Promise<Place> {
  checkPlace(command, argument, given);
  const { location, stack } = given;
  if (stack === undefined) return { location: location as string, stack: null };
  const deployed = await readStack(stack, { proxyEnv: readProxies() });
  return { location: deployed.destination, stack: deployed };
}

export interface PublishedDataset {
  readonly store: Store;
  /** The public address of the dataset, for the links in the feed. Null makes them relative. */
  readonly publicUrl: string | null;
  /** Sends events about changes; null if none is set up. */
  readonly announcer: Announcer | null;
  /** Empties the shared caches in front of the dataset; null if none is set up. */
  readonly edge: Edge | null;
}

/**
 * Opens a published dataset for writing. A stack's settings replace those of the environment.
 * @throws {ConfigurationError} if it is read only, or a variable is wrong
 */
export async function openPublished({ location: to, stack }: Place): Promise<PublishedDataset> {
  if (/^https?:\/\//i.test(to))
    throw new ConfigurationError(`${to}: a web address is read only; give the folder or bucket behind it`);
  const settings = { ...readEnvironment(), ...stack };
  const store = isS3(to) ? await openWithItsVisibility(to) : openSource(to);
  return {
    store,
    publicUrl: settings.publicUrl,
    announcer: createAnnouncer(settings),
    edge: createEdge(settings),
  };
}

/** Opens a bucket with the visibility of the published dataset. The setting of this machine is ignored. */
async function openWithItsVisibility(to: string): Promise<Store> {
  const { manifest } = await readCurrent(openSource(to));
  return openSource(to, manifest ? { visibility: manifest.visibility } : {});
}
