import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slowProgress } from '../../lib/cli/since/slow-progress.ts';

test('a fast command says nothing, a slow one a line every five seconds, and none at its end', (t) => {
  t.mock.timers.enable({ apis: ['Date'] });
  const lines: string[] = [];
  const report = slowProgress(
    (line) => lines.push(line),
    (done, all) => `${done} of ${all}`,
  );
  for (let done = 1; done <= 10; done++) {
    t.mock.timers.tick(2000);
    report(done, 10);
  }
  assert.deepEqual(lines, ['dtm-exporter: 3 of 10', 'dtm-exporter: 6 of 10', 'dtm-exporter: 9 of 10']);
});
