// `export`: one whole run, from the API or the built-in sample world into a folder or a bucket.
import { Command } from 'commander';
import { createAnnouncer } from '../../aws/announcer.ts';
import { REPAIR_HINT } from '../../catalogue/prefix.ts';
import type { ApiVersion, Level } from '../../dtm/endpoints.ts';
import { ConfigurationError, type Environment, readEnvironment } from '../../environment/configuration.ts';
import { MAX_AGE } from '../../release/unit-ages.ts';
import { createClient, sourceUrlOf } from '../../run/api-client.ts';
import type { ApiContext } from '../../run/context.ts';
import { createSharedContext } from '../../run/context.ts';
import { type ExportOptions, exportRun } from '../../run/export.ts';
import { RunUnderWayError } from '../../run/turn/lease.ts';
import type { Source } from '../../run/units/source.ts';
import { startSimulator } from '../../simulator/server.ts';
import { describeFailure } from '../error-message.ts';
import { openDestination } from '../locations.ts';
import { terminalLogger } from '../logger.ts';
import { apiVersion, bytes, countries, decimal, duration, integer, levels, runId } from '../option-values.ts';
import { outcomeExit, outcomeJson, outcomeText } from '../outcome.ts';
import { printable } from '../printable.ts';
import { progressReport } from '../progress.ts';
import { EXIT, type Finish, InterruptedError, type Terminal } from '../terminal.ts';

interface Flags {
  readonly to?: string;
  readonly countries?: string[];
  readonly levels: Level[];
  readonly apiVersion: ApiVersion;
  readonly concurrency: number;
  readonly maxBytes: number;
  readonly deadline?: number;
  readonly timeout: number;
  readonly maxRetries: number;
  readonly retryDelay: number;
  readonly run?: string;
  readonly maxFailed: number;
  readonly maxAge: number;
  readonly acceptDrop: boolean;
  readonly reissue: boolean;
  readonly sample: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** The sample world: large enough to explore, small enough to be exported in seconds. */
const SAMPLE = { seed: 1, scale: 0.05, key: 'sample' };
const SAMPLE_URL = 'dtm-exporter:sample';

export const exportCommand = (terminal: Terminal, finish: Finish): Command =>
  new Command('export')
    .description('One whole run: asks the API for every country and level, and publishes a release.')
    .option(
      '--to <DEST>',
      'folder or s3://bucket/prefix to publish into (default: ./dtm-open-data, with --sample ./dtm-sample)',
    )
    .option('--countries <CODES>', 'ISO3 codes such as AFG,HTI (default: all that the API lists)', countries)
    .option('--levels <LEVELS>', 'admin levels', levels, [0, 1, 2] as Level[])
    .option('--api-version <VERSION>', 'v3 or v2', apiVersion, 'v3')
    .option('--concurrency <N>', 'requests at once', integer(1, 64), 4)
    .option('--max-bytes <BYTES>', 'largest answer when unpacked, such as 64M', bytes, 64 * 1024 * 1024)
    .option(
      '--deadline <DURATION>',
      'after which nothing is asked any more: 900, 15m, 2h (default: none)',
      duration,
    )
    .option(
      '--timeout <SECONDS>',
      'for one request, its body included',
      decimal(0.001, 'seconds above 0'),
      120,
    )
    .option('--max-retries <N>', 'further tries of a request', integer(0, 100), 3)
    .option(
      '--retry-delay <SECONDS>',
      'doubled with every further try',
      decimal(0, 'seconds of at least 0'),
      1,
    )
    .option('--run <ID>', 'run id; the same id resumes a run (default: made from the time)', runId)
    .option(
      '--max-failed <PERCENT>',
      'units that may be without an answer',
      decimal(0, 'a percentage from 0'),
      10,
    )
    .option(
      '--max-age <DAYS>',
      'without an answer for a unit from which on it is a warning',
      integer(1),
      MAX_AGE,
    )
    .option('--accept-drop', 'publish although many rows were lost, doubled or all there twice', false)
    .option('--reissue', 'publish although nothing changed', false)
    .option('--sample', 'export the built-in sample world; needs no key', false)
    .option('--json', 'print one JSON object on stdout', false)
    .option('--quiet', 'print no progress', false)
    .option('--verbose', 'print every request', false)
    .addHelpText('after', '\nExample:\n  $ dtm-exporter export --countries HTI,TCD --to ./dtm-open-data')
    .action(async (flags: Flags) => {
      finish(await runExport(flags, terminal));
    });

async function runExport(flags: Flags, terminal: Terminal) {
  const started = performance.now();
  const run = flags.run ?? newRunId(new Date());
  const report = progressReport(terminal, flags);
  const seconds = (): number => Math.round(performance.now() - started) / 1000;
  try {
    const to = flags.to ?? (flags.sample ? './dtm-sample' : './dtm-open-data');
    const environment = readEnvironment();
    const store = await openDestination(to);
    const { apiVersion: version } = flags;
    await using apiSource = flags.sample ? await sampleSource(version) : realSource(environment, version);
    using api = createClient({
      ...clientOptions(flags),
      ...apiSource.client,
      logger: terminalLogger(terminal, flags),
    });
    const context: ApiContext = {
      ...createSharedContext(environment, { store, announcer: createAnnouncer(environment) }),
      run,
      api,
      source: apiSource.source,
      onProgress: report.onProgress,
      signal: terminal.interrupted,
    };
    const outcome = await exportRun(context, exportOptions(flags));
    report.end();
    for (const warning of outcome.warnings) terminal.note(`dtm-exporter: warning: ${printable(warning)}`);
    for (const step of outcome.unfinished)
      terminal.note(
        `dtm-exporter: left to finish: ${printable(step)}${step.endsWith(REPAIR_HINT) ? '' : '; the next run does it'}`,
      );
    if (flags.json) terminal.result(outcomeJson(outcome, seconds()));
    else if (outcome.reason) terminal.note(`dtm-exporter: ${outcome.outcome}: ${printable(outcome.reason)}`);
    else terminal.result(outcomeText(outcome, to));
    return outcomeExit(outcome);
  } catch (error) {
    report.end();
    return failExport(error, { run, flags, terminal, seconds: seconds() });
  }
}

function failExport(
  error: unknown,
  { run, flags, terminal, seconds }: { run: string; flags: Flags; terminal: Terminal; seconds: number },
) {
  if (error instanceof RunUnderWayError) {
    if (flags.json) terminal.result(outcomeJson({ outcome: 'skipped', reason: error.message }, seconds));
    terminal.note(`dtm-exporter: skipped: ${printable(error.message)}`);
    return EXIT.done;
  }
  const { line, exit } = describeFailure(error);
  const isInterrupted = error instanceof InterruptedError;
  const message = isInterrupted
    ? `stopped; what was fetched is kept, go on with the same options and --run ${run}`
    : line;
  if (flags.json && exit !== EXIT.usage)
    terminal.result(outcomeJson({ outcome: 'failed', reason: message?.split('\n')[0] ?? null }, seconds));
  terminal.note(`dtm-exporter: ${message}`);
  return exit;
}

interface ApiSource extends AsyncDisposable {
  readonly client: {
    subscriptionKey: string;
    secondaryKey?: string;
    baseUrl: string;
    proxyEnv?: Environment['proxyEnv'];
  };
  readonly source: Source;
}

async function sampleSource(apiVersion: ApiVersion): Promise<ApiSource> {
  const simulator = await startSimulator(SAMPLE);
  return {
    client: { subscriptionKey: SAMPLE.key, baseUrl: simulator.url },
    source: { url: SAMPLE_URL, apiVersion, synthetic: true },
    [Symbol.asyncDispose]: () => simulator.close(),
  };
}

function realSource(
  { subscriptionKey, secondaryKey, baseUrl, proxyEnv }: Environment,
  apiVersion: ApiVersion,
): ApiSource {
  if (subscriptionKey === null)
    throw new ConfigurationError(
      'DTMAPI_SUBSCRIPTION_KEY is missing: set it to your key of the DTM API, or use --sample, which needs none',
    );
  const url = sourceUrlOf(baseUrl);
  return {
    client: { subscriptionKey, ...(secondaryKey === null ? {} : { secondaryKey }), baseUrl: url, proxyEnv },
    source: { url, apiVersion },
    [Symbol.asyncDispose]: async () => {},
  };
}

const clientOptions = (flags: Flags) => ({
  apiVersion: flags.apiVersion,
  concurrency: flags.concurrency,
  maxBytes: flags.maxBytes,
  timeout: flags.timeout,
  maxRetries: flags.maxRetries,
  retryDelay: flags.retryDelay,
  // Enough for every attempt to take its full timeout, plus the longest wait after it.
  maxElapsed: (flags.maxRetries + 1) * (flags.timeout + 60),
});

const exportOptions = (flags: Flags): ExportOptions => ({
  selection: { apiVersion: flags.apiVersion, levels: flags.levels, countries: flags.countries ?? null },
  concurrency: flags.concurrency,
  deadline: flags.deadline ?? null,
  maxFailed: flags.maxFailed,
  maxAge: flags.maxAge,
  acceptDrop: flags.acceptDrop,
  reissue: flags.reissue,
});

/** A run id: the start time and four random characters. */
function newRunId(now: Date): string {
  const random = Math.random().toString(36).slice(2, 6).padEnd(4, '0');
  return `${now.toISOString().slice(0, 19).replaceAll(':', '-')}Z-${random}`;
}
