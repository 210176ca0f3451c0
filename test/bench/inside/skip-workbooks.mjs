// Preloaded to measure a run without workbooks: replaces two functions of the built build/workbooks.js.
import { registerHooks } from 'node:module';

const stub = (original) => `
  export * from ${JSON.stringify(original)};
  export async function* workbookFiles() {}
  export const workbookCountries = () => [];
`;

registerHooks({
  load: (url, context, next) =>
    url.endsWith('/build/workbooks.js')
      ? { format: 'module', source: stub(`${url}?original`), shortCircuit: true }
      : next(url, context),
});
