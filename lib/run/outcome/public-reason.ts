// What the public may read of a reason: `status.json`, the manifest, the page and the failed event show it. A reason of
// an error may hold addresses, names of parameters and texts of servers, so only known sentences and known parts pass.
// The whole reason stays in the run's report, the log, the command's output and the operator's mail.

/** What each kind of error means, in one sentence. */
const SENTENCES: Readonly<Record<string, string>> = {
  DTMApiRequestError: 'the request brought no usable answer',
  DTMApiTimeoutError: 'the API did not answer in time',
  DTMApiResponseError: 'the API refused the query',
  DTMUnknownCountryError: 'the API does not know the country',
  DTMAnswerShapeError: 'the answer does not have the shape that the API documents',
  DTMAuthenticationError: 'the API refused the key',
  DTMFirewallError: 'a firewall turned the request away',
  KeyRefusedError: 'the API refused the key',
  MixedSourceError: 'an answer came from another source than the run was planned with',
};

/** What a request brought instead of a usable answer. */
const REQUEST_FAILURES: readonly (readonly [pattern: RegExp, sentence: string])[] = [
  [/a redirect/, 'a redirect came, which is not followed'],
  [/content type|not JSON/, 'the answer is not JSON'],
  [/cut short/, 'the answer was cut short or damaged'],
  [/at most \d+ bytes|larger than allowed/, 'the answer is larger than allowed'],
];

/** The label of a request or a unit at the beginning of a message, with the field if the answer's shape is wrong. */
const LABEL =
  /^(?:admin[012]\/[A-Z]{3}|(?:admin[012]|countries|operations)(?: [A-Z]{3})?)(?:: (?:totalRecordsCount|result\[\d{1,9}\]\.[A-Za-z0-9]{1,25}))?(?=:)/;

const HTTP_STATUS = /\(HTTP (\d{3})[) ]|expected HTTP 200, got (?:a redirect \()?(\d{3})\b/;

/** The sentence for an error, given as `NAME: MESSAGE`: `DTMApiRequestError: admin0 SDN: ... (HTTP 500)`. */
export function publicErrorReason(reason: string): string {
  const [, name = '', message = ''] = /^(\w+): (.*)$/s.exec(reason) ?? [];
  if (!Object.hasOwn(SENTENCES, name)) return 'the run could not go on';
  const label = LABEL.exec(message)?.[0];
  const [, ...statuses] = HTTP_STATUS.exec(message) ?? [];
  const status = statuses.find(Boolean);
  const failure =
    name === 'DTMApiRequestError' && REQUEST_FAILURES.find(([pattern]) => pattern.test(message));
  const sentence = failure ? failure[1] : SENTENCES[name];
  return `${name}: ${label ? `${label}: ` : ''}${sentence}${status ? ` (HTTP ${status})` : ''}`;
}

/** Reasons of this program that hold nothing private. */
const OWN_REASONS = [
  /^No outcome: what asked for this unit ended before it could say how\.$/,
  /^No answer was waited for: the [\d.]+ s of --deadline were over\.$/,
  /^No answer was waited for: more than --max-failed [\d.]+ percent had failed already\.$/,
  /^No answer\.$/,
];

/** Words of the API for an answer without rows: `No matching data found.` Anything but short plain words is left out. */
const PLAIN_WORDS = /^(?:[A-Za-z']{1,15}[,.]?(?: |$)){1,20}$/;

/** The reason of a unit for readers; null stays null. What was public before stays the same. */
export function publicUnitReason(status: string, reason: string | null): string | null {
  if (reason === null || OWN_REASONS.some((pattern) => pattern.test(reason))) return reason;
  if (status === 'empty') return PLAIN_WORDS.test(reason) ? reason : 'The answer has no rows.';
  const kind = publicErrorReason(reason);
  return /^\w+: /.test(kind) ? kind : 'No answer.';
}
