import type { Simulator } from '../../lib/simulator/server.ts';

/** An envelope as tests read it. */
export interface Answer {
  result: Record<string, string | number | null>[];
  statusCode: number;
  isSuccess: boolean;
  errorMessages: string[];
  totalRecordsCount: number;
}

/** Asks with the sample key, or with the headers given. */
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

/** Asks and reads the envelope. */
export async function answer(simulator: Simulator, path: string): Promise<Answer> {
  return (await (await ask(simulator, path)).json()) as Answer;
}
