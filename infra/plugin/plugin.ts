// Our plugin for osls: it checks the parameters, packages the functions, and completes the compiled template.
import { adaptTemplate } from './adapt-template.ts';
import { checkBucket } from './bucket.ts';
import { type AwsConfig, readDeployed, readRunning } from './deployed.ts';
import { findRefusals } from './guard.ts';
import { checkGivenParameters, checkParameters, type Parameters, parseTags } from './parameters.ts';
import { type Json, resolveTemplate } from './template.ts';

/** The part of osls that this plugin uses. */
interface Osls {
  readonly service: {
    readonly custom: Parameters;
    readonly provider: {
      readonly compiledCloudFormationTemplate: Json;
      stackTags?: Readonly<Record<string, string>>;
    };
  };
  readonly configurationInput: { readonly params: { readonly default: Parameters | null } };
  readonly processedInput: {
    readonly commands: readonly string[];
    readonly options: { readonly param?: readonly string[] };
  };
  getProvider(name: 'aws'): Provider;
  readonly configSchemaHandler: {
    readonly schema: { readonly properties: { readonly resources: { readonly properties: object } } };
  };
  readonly classes: { readonly Error: new (message: string) => Error };
}

interface Provider {
  getStage(): string;
  getRegion(): string;
  getAccountId(): Promise<string>;
  getAwsSdkV3Config(): Promise<AwsConfig>;
  readonly naming: { getStackName(): string };
}

interface Utilities {
  readonly log: { notice(line: string): void };
}

type Plugin = { hooks: Record<string, () => Promise<void>> };

/** The plugin. osls calls it with `new`. */
function Plugin(this: Plugin, osls: Osls, _options: unknown, { log }: Utilities): void {
  const { custom, provider } = osls.service;
  const aws = osls.getProvider('aws');
  const isDeploy = osls.processedInput.commands.join(' ') === 'deploy';
  const file = `infra/stages/${aws.getStage()}.yml`;
  const inFile = osls.configurationInput.params.default;
  const refuse = (problems: readonly string[]): void => {
    if (problems.length > 0) throw new osls.classes.Error(problems.join('; '));
  };
  // Before osls looks at its configuration, which a list in place of a text would break without a word on the parameter.
  const given = { file, inFile: inFile ?? {}, options: osls.processedInput.options.param ?? [] };
  refuse(checkGivenParameters(given, Object.keys(custom)));
  // The schema of osls does not have the section Rules of a template.
  Object.assign(osls.configSchemaHandler.schema.properties.resources.properties, {
    Rules: { type: 'object' },
  });
  this.hooks = {
    'before:package:cleanup': async () => {
      refuse(checkParameters(custom));
      provider.stackTags = parseTags(custom.tags);
      if (isDeploy) {
        const place = `stage ${aws.getStage()} in account ${await aws.getAccountId()}, region ${aws.getRegion()}`;
        log.notice(`${place}; ${inFile ? `parameters of ${file}` : `default parameters, no ${file}`}`);
      }
      const { packageAll } = await import('../package.ts');
      await packageAll(String(custom.packages));
    },
    'after:aws:package:finalize:mergeCustomProviderResources': async () =>
      adaptTemplate(provider.compiledCloudFormationTemplate, custom),
    'before:aws:deploy:deploy:createStack': async () =>
      refuse(await checkDeployment(aws, provider.compiledCloudFormationTemplate, custom)),
  };
}

/** Lists why this template must not be deployed over what is deployed. */
async function checkDeployment(aws: Provider, compiled: Json, parameters: Parameters): Promise<string[]> {
  const [config, stack] = [await aws.getAwsSdkV3Config(), aws.naming.getStackName()];
  const deployed = await readDeployed(config, stack);
  const bucket = String(parameters.bucket ?? '');
  const use = {
    region: aws.getRegion(),
    visibility: String(parameters.visibility),
    isInUse: deployed?.outputs.BucketName === bucket,
  };
  const problems = bucket === '' ? [] : await checkBucket(config, bucket, use);
  if (!deployed) return problems;
  const { StateMachineArn: workflow } = deployed.outputs;
  const running = workflow === undefined ? [] : await readRunning(config, workflow);
  const removal = String(parameters.allowRemoval).split(',').filter(Boolean);
  const allowed = { removal, whileRunning: parameters.whileRunning === 'yes' };
  const next = resolveTemplate(compiled);
  return [...problems, ...findRefusals(stack, { deployed, next, running }, allowed)];
}

// biome-ignore lint/style/noDefaultExport: osls takes a plugin from there
export default Plugin;
