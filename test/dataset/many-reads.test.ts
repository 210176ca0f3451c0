// Reads that are aborted at any time, many reads at once, and reads of nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDataset } from '../../lib/dataset/reader.ts';
import { publishDataset } from '../stores.ts';
import { collect } from './outcomes.ts';
import { serveTable } from './serve-table.ts';
import { type FileServer, startFiles } from './start-files.ts';

/** Waits until no request is under way. */
async function assertClosed(files: FileServer): Promise<void> {
  for (let waited = 0; files.open() > 0 && waited < 1000; waited += 10) await sleep(10);
  assert.equal(files.open(), 0, 'requests that are not closed');
}

// The test runner reports every unhandled rejection as a failure.
test('reads that are aborted end with the reason, and close their connections', async (t) => {
  const { files, faulty, read, rows, release } = await serveTable(t, { timeout: 60 });
  const reason = new Error('enough');

  await t.test('at any request, before its answer', async () => {
    faulty(() => undefined);
    await read();
    const { length } = files.requests;
    assert.ok(length > 3, `${length} requests`);
    for (let at = 1; at <= length; at++) {
      const controller = new AbortController();
      faulty((_, number) => {
        if (number === at) controller.abort(reason);
        return number >= at ? { stall: true } : undefined;
      });
      await assert.rejects(read({ signal: controller.signal }), reason, `request ${at}`);
      await assertClosed(files);
    }
  });

  await t.test('after any time', async () => {
    faulty((_, number) => ({ delay: number % 3 }));
    const outcomes = new Set<string>();
    for (let ms = 0; ms < 60; ms += 2) {
      const reading = read({ signal: AbortSignal.timeout(ms) });
      outcomes.add(
        await reading.then(
          () => 'read',
          ({ name }: Error) => name,
        ),
      );
      await assertClosed(files);
    }
    outcomes.delete('read');
    assert.deepEqual([...outcomes], ['TimeoutError']);
  });

  await t.test('in the middle of a body', async () => {
    faulty((_, number) => (number > 2 ? { cutAfter: 100, stall: true } : undefined));
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 300);
    await assert.rejects(read({ signal: controller.signal }), reason);
    await assertClosed(files);
  });

  await t.test('between two rows that came together', async () => {
    faulty(() => undefined);
    const controller = new AbortController();
    const reading = release.rows('admin2', { signal: controller.signal });
    await reading.next();
    controller.abort(reason);
    await assert.rejects(reading.next(), reason);
    assert.equal((await reading.next()).done, true);
  });

  await t.test('while twenty reads wait for another attempt', async () => {
    faulty(() => ({ status: 503, headers: { 'Retry-After': '20' } }));
    const controller = new AbortController();
    const reads = Array.from({ length: 20 }, () => read({ signal: controller.signal }));
    setTimeout(() => controller.abort(reason), 200);
    for (const outcome of await Promise.allSettled(reads))
      assert.deepEqual(outcome, { status: 'rejected', reason });
    await assertClosed(files);
  });

  await t.test(
    'an error in one column is thrown at once, and closes the connections of the others',
    async () => {
      faulty((_, number) => (number === 1 ? undefined : number === 2 ? { status: 403 } : { stall: true }));
      const start = performance.now();
      await assert.rejects(read(), { status: 403 });
      await assertClosed(files);
      assert.ok(performance.now() - start < 30_000, 'it did not wait until the others were given up');
    },
  );

  await t.test('the body of a wrong answer is not waited for', async () => {
    faulty(() => ({ headers: { 'Content-Range': 'bytes 0-9/10' }, cutAfter: 100, stall: true }));
    await assert.rejects(read(), { kind: 'damaged', message: /the server sent bytes 0-9/ });
    await assertClosed(files);
    const { bytes } = release.file('schema.json');
    const change = () => Buffer.alloc(bytes + 2);
    files.fault = () => ({ change, cutAfter: bytes + 1, stall: true });
    await assert.rejects(release.download('schema.json'), { kind: 'damaged', message: /it is longer/ });
    await assertClosed(files);
  });

  await t.test('twenty reads at once give the same rows', async () => {
    faulty((_, number) => ({ delay: number % 5 }));
    const expected = JSON.stringify(rows);
    const reads = await Promise.all(Array.from({ length: 20 }, () => read()));
    assert.ok(reads.every((each) => JSON.stringify(each) === expected));
    await assertClosed(files);
  });
});

test('a table of zero rows has none; columns are given once, in the order asked for', async (t) => {
  const { folder } = await publishDataset(t, 1);
  const { url } = await startFiles(t, folder);
  const release = await openDataset(url).current();
  assert.equal(release.tables.find(({ name }) => name === 'admin2')?.rows, 0);
  for (const options of [{}, { checked: true }, { columns: ['id'] }, { where: { round_number: 3 } }] as const)
    assert.deepEqual(await collect(release.rows('admin2', options)), []);
  const columns = ['round_number', 'admin0_pcode', 'round_number'] as const;
  const [row = {}] = await collect(release.rows('admin0', { columns, limit: 1 }));
  assert.deepEqual(Object.keys(row), ['round_number', 'admin0_pcode']);
  const missing = release.rows('admin0', { columns: ['round_number', 'no' as 'id'] });
  await assert.rejects(missing.next(), { kind: 'no-column', message: /no column "no"; it has admin0_name/ });
});
