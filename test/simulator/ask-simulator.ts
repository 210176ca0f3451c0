import type { Simulator } from '../../lib/simulator/server.ts';

/** An envelope of the API, parsed. */
export interface Answer {
  result: Record<string, string | number | null>[];
  statusCode: number;
  isSuccess: boolean;
  errorMessages: string[];
  totalRecordsCount: number;
}

/** Sends a GET with the sample key. `headers` override it. */
export function ask(
  simulator: Simulator,
  path: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(simulator.url + path, {
    headers: { 'Ocp-Apim-Subscription-Key': 'sample-key', ...headers },
    redirect: 'manual',
  });
}

/** Sends a GET and parses the envelope. */
export async function answer(simulator: Simulator, path: string): Promise<Answer> {
  return (await (await ask(simulator, path)).json()) as Answer;
}
