// Our plugin for osls: it checks the parameters, packages the functions, and completes the compiled template.
import { adaptTemplate } from './adapt-template.ts';
import { checkParameters, type Parameters } from './parameters.ts';
import type { Json } from './template.ts';

/** The part of osls that this plugin uses. */
interface Osls {
  readonly service: {
    readonly custom: Parameters;
    readonly provider: { readonly compiledCloudFormationTemplate: Json };
  };
  readonly configSchemaHandler: {
    readonly schema: { readonly properties: { readonly resources: { readonly properties: object } } };
  };
  readonly classes: { readonly Error: new (message: string) => Error };
}

/** The plugin. osls calls it with `new`. */
function Plugin(this: { hooks: Record<string, () => Promise<void>> }, osls: Osls): void {
  const { custom, provider } = osls.service;
  const refuse = (problems: readonly string[]): void => {
    if (problems.length > 0) throw new osls.classes.Error(problems.join('; '));
  };
  // The schema of osls does not have the section Rules of a template.
  Object.assign(osls.configSchemaHandler.schema.properties.resources.properties, {
    Rules: { type: 'object' },
  });
  this.hooks = {
    'before:package:cleanup': async () => {
      refuse(checkParameters(custom));
      const { packageAll } = await import('./package.ts');
      await packageAll(String(custom.packages));
    },
    'after:aws:package:finalize:mergeCustomProviderResources': async () =>
      adaptTemplate(provider.compiledCloudFormationTemplate, custom),
  };
}

// biome-ignore lint/style/noDefaultExport: osls takes a plugin from there
export default Plugin;
