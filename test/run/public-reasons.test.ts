// What the public reads of a failure: known sentences, without anything of the operator's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { failureRefusal } from '../../lib/run/checks/refusals.ts';
import { publicErrorReason, publicUnitReason } from '../../lib/run/outcome/public-reason.ts';
import type { Plan } from '../../lib/run/plan.ts';
import { createFailedReport } from '../../lib/run/units/unit.ts';

const NAMES = [
  ...['DTMApiRequestError', 'DTMApiTimeoutError', 'DTMApiResponseError', 'DTMAnswerShapeError'],
  ...['DTMFirewallError', 'KeyRefusedError', 'MixedSourceError', 'ConfigurationError', 'StoreError', 'Error'],
];

/** Texts that must not become public. */
const secret = fc.oneof(
  fc.webUrl(),
  fc.domain(),
  fc.emailAddress(),
  fc.ipV4(),
  fc.stringMatching(/^[0-9a-f]{32}$/),
  fc.stringMatching(/^\d{12}$/),
  fc.stringMatching(/^\/dtm-[a-z]{2,8}\/[a-z]{3,8}\/key$/),
  fc.stringMatching(/^arn:aws:(sns|states):eu-central-1:\d{12}:[a-z]{3,10}$/),
  fc.stringMatching(/^s3:\/\/[a-z]{3,10}-bucket\/[a-z]{1,8}$/),
  fc.stringMatching(/^aws ssm put-parameter --name [a-z]{4,8}$/),
);

/** Reasons as the errors of a run have them, with a secret in the middle. */
const reasonWith = (text: string) =>
  fc
    .record({
      name: fc.constantFrom(...NAMES),
      label: fc.constantFrom('admin0 SDN: ', 'admin2/TCD: ', 'countries: ', ''),
      before: fc.constantFrom('expected HTTP 200, got 500: ', '(HTTP 401): ', '', 'the API said '),
      after: fc.constantFrom('; try later', '', ' (HTTP 503)', '\n  at main.ts'),
    })
    .map(({ name, label, before, after }) => `${name}: ${label}${before}${text}${after}`);

const secretAndReason = secret.chain((text) => fc.tuple(fc.constant(text), reasonWith(text)));

test('no address, name or number of the operator passes, and a public reason stays as it is', () => {
  fc.assert(
    fc.property(secretAndReason, fc.constantFrom('failed', 'carried', 'empty'), ([text, reason], status) => {
      const published = [publicErrorReason(reason), publicUnitReason(status, reason) ?? ''];
      for (const one of published) assert.ok(!one.includes(text), one);
      assert.equal(publicUnitReason(status, published[1] ?? ''), published[1]);
      assert.equal(publicUnitReason('empty', text), 'The answer has no rows.');
    }),
    { numRuns: 2000 },
  );
});

test('a refusal for failed units names counts and units to the public, and the rest to the operator', () => {
  fc.assert(
    fc.property(secretAndReason, ([text, reason]) => {
      const report = createFailedReport(
        { level: 0, country: 'SDN' },
        { reason, attempts: 3, seconds: 1, requested_at: '2026-11-24T05:00:00Z' },
      );
      const plan = { run: '2026-11-24T05-00-00Z', execution: 'arn:1', levels: [0], countries_asked: null };
      const refusal = failureRefusal(plan as unknown as Plan, [report], 10);
      assert.ok(refusal?.reason.includes(text));
      assert.match(refusal?.reason ?? '', /run again with the input \{"run"/);
      assert.ok(!refusal?.publicReason.includes(text), refusal?.publicReason);
      assert.match(
        refusal?.publicReason ?? '',
        /^1 of 1 units failed, more than --max-failed 10 percent \(admin0\/SDN: /,
      );
    }),
  );
});

test('a public reason keeps the kind, the unit and the HTTP status', () => {
  const cases: [status: string, reason: string, published: string][] = [
    [
      'carried',
      'DTMApiRequestError: admin0 SDN: expected HTTP 200, got 500: down at https://10.0.0.7; try later',
      'DTMApiRequestError: admin0 SDN: the request brought no usable answer (HTTP 500)',
    ],
    [
      'failed',
      'DTMFirewallError: admin1 HTI: a firewall turned the request away (HTTP 403 that is not JSON) before',
      'DTMFirewallError: admin1 HTI: a firewall turned the request away (HTTP 403)',
    ],
    [
      'failed',
      'DTMApiRequestError: admin0 LBN: expected HTTP 200, got a redirect (302) to https://other.example/login; it is not followed',
      'DTMApiRequestError: admin0 LBN: a redirect came, which is not followed (HTTP 302)',
    ],
    [
      'failed',
      'DTMAnswerShapeError: admin0 HND: result[3].numberMales: expected a whole number, got "x"',
      'DTMAnswerShapeError: admin0 HND: result[3].numberMales: the answer does not have the shape that the API documents',
    ],
    ['failed', 'Something else at https://example.org', 'No answer.'],
    ['empty', 'No matching data found.', 'No matching data found.'],
    ['empty', 'See https://example.org/help', 'The answer has no rows.'],
    [
      'failed',
      'No answer was waited for: the 900 s of --deadline were over.',
      'No answer was waited for: the 900 s of --deadline were over.',
    ],
  ];
  for (const [status, reason, published] of cases)
    assert.equal(publicUnitReason(status, reason), published, reason);
  assert.equal(publicUnitReason('ok', null), null);
  assert.equal(publicErrorReason('TypeError: x is undefined'), 'the run could not go on');
});
