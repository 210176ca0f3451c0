// Preloaded to measure a run without workbooks: replaces functions of the built make/workbooks.js and release-writer.js.
import { registerHooks } from 'node:module';

const STUBS = {
  '/make/workbooks.js': (original) => `
    export * from ${JSON.stringify(original)};
    const nothing = async () => ({ entry: { format: 'xlsx' } });
    export { nothing as countryWorkbook, nothing as worldWorkbook };
  `,
  '/make/release-writer.js': (original) => `
    import { createReleaseWriter as create } from ${JSON.stringify(original)};
    export function createReleaseWriter(...input) {
      const writer = create(...input);
      return { ...writer, add: async (file) => file.entry.format === 'xlsx' || writer.add(file) };
    }
  `,
};

registerHooks({
  load: (url, context, next) => {
    const stub = Object.entries(STUBS).find(([path]) => url.endsWith(path))?.[1];
    if (!stub) return next(url, context);
    return { format: 'module', source: stub(`${url}?original`), shortCircuit: true };
  },
});
