// A client that does one thing after another, so that HTTP and reading the answer are told apart.
import { type RawAnswer, readAnswer } from '../../lib/dtm/answers.ts';
import { PATHS } from '../../lib/dtm/endpoints.ts';
import { checkOptions } from '../../lib/dtm/options.ts';
import { checkQuery } from '../../lib/dtm/query.ts';
import { createTransport } from '../../lib/dtm/transport.ts';
import { sha256 } from '../../lib/release/digest.ts';
import { endpointOf } from '../../lib/run/plan.ts';
import type { Unit } from '../../lib/run/unit.ts';
import type { Stopwatch } from './stopwatch.ts';

type Answer = RawAnswer<Record<string, unknown>>;

/** Asks for units one by one. */
export function createAsker(key: string, baseUrl: string, stopwatch: Stopwatch) {
  const transport = createTransport({ ...checkOptions({ baseUrl }), secure: false });
  return async (unit: Unit): Promise<Answer> => {
    const endpoint = endpointOf(unit);
    const query = checkQuery(endpoint, { admin0Pcode: unit.country });
    const url = `${baseUrl}${PATHS.v3[endpoint]}?${query.params}`;
    const asked = { version: 'v3', endpoint, query, url, redact: (text: string) => text } as const;
    const reply = await transport.get({ asked, key, start: () => 60, signal: undefined });
    stopwatch.lap('HTTP, gunzip of its bodies included');
    const answer = readAnswer(asked, reply.body);
    stopwatch.again('parse alone', () =>
      JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(reply.body)),
    );
    stopwatch.lap('answer: parse, check every field');
    return {
      ...answer,
      ...reply,
      sha256: sha256(reply.body),
      url,
      attempts: 1,
      seconds: 0,
      synthetic: false,
    };
  };
}
