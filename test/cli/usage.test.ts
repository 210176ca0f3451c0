// Bad input gives one clear line on stderr and exit status 2. No request is sent and no file is written.
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT, runInChildProcess, runInThisProcess, simulator, temporaryFolder } from '../setting.ts';

const KEY = { DTMAPI_SUBSCRIPTION_KEY: 'sample-key' };

const CASES: { args: string[]; env?: Record<string, string>; line: RegExp }[] = [
  { args: ['export'], env: { ...KEY, DTM_PUBLIC_URL: 'ftp://x' }, line: /DTM_PUBLIC_URL: expected an https/ },
  {
    args: ['export', '--colour'],
    line: /unknown option '--colour'; allowed are --to, --countries,.*--help$/,
  },
  {
    args: ['exprt'],
    line: /unknown command 'exprt'; allowed are export, verify, status, download, diff, history, withdraw, prune, repair, repoint, watch, serve, simulate$/,
  },
  {
    args: ['export', '--countries', 'XX'],
    line: /--countries.*Expected three-letter country codes.*got XX\.$/,
  },
  { args: ['export', '--countries', '../x'], line: /--countries.*got \.\.\/x\.$/ },
  { args: ['export', '--countries', 'hti'], line: /--countries.*got hti\.$/ },
  { args: ['export', '--countries', ''], line: /--countries.*got nothing\.$/ },
  { args: ['export', '--countries', 'HTI,TCD,HTI'], line: /--countries.*each once, got HTI twice\.$/ },
  { args: ['export', '--levels', '3'], line: /--levels.*Expected levels 0, 1 or 2.*got 3\.$/ },
  { args: ['export', '--api-version', 'v4'], line: /--api-version.*Expected v3 or v2, got v4\.$/ },
  { args: ['export', '--concurrency', '0'], line: /--concurrency.*from 1 to 64, got 0\.$/ },
  { args: ['export', '--timeout', '-1'], line: /--timeout.*Expected seconds above 0, got -1\.$/ },
  {
    args: ['export', '--max-retries', '1.5'],
    line: /--max-retries.*whole number from 0 to 100, got 1\.5\.$/,
  },
  { args: ['export', '--run', 'yesterday'], line: /--run.*Expected a run id like 2026-.*got yesterday\.$/ },
  { args: ['export', '--run', '2026-02-30T00-00-00Z'], line: /--run.*got 2026-02-30T00-00-00Z\.$/ },
  { args: ['export', '--run', '../2026-11-24T05-00-00Z'], line: /--run.*Expected a run id/ },
  { args: ['export'], line: /DTMAPI_SUBSCRIPTION_KEY is missing: set it to your key/ },
  { args: ['export'], env: { DTMAPI_SUBSCRIPTION_KEY: '  ' }, line: /DTMAPI_SUBSCRIPTION_KEY is missing/ },
  { args: ['export'], env: { ...KEY, DTMAPI_URL: 'http://example.org' }, line: /DTMAPI_URL: expected https/ },
  { args: ['export'], env: { ...KEY, DTMAPI_URL: 'nonsense' }, line: /DTMAPI_URL: expected/ },
  {
    args: ['export'],
    env: { ...KEY, DTM_VISIBILITY: 'open' },
    line: /DTM_VISIBILITY: expected private or public, got open/,
  },
  { args: ['export'], env: { ...KEY, DTM_VISIBILITY: 'public' }, line: /DTM_LICENCE is missing/ },
  {
    args: ['export', '--sample', '--to', 's3://My_Bucket/prefix'],
    line: /"My_Bucket" is no bucket's name: write s3:\/\/bucket/,
  },
  {
    args: ['export', '--sample', '--to', 'https://example.org/x'],
    line: /a web address is read only; give a folder or s3:\/\/bucket\/prefix$/,
  },
  {
    args: ['export', '--sample', '--to', 'file.txt'],
    line: /--to file\.txt: .*file\.txt is a file; give a folder/,
  },
  { args: ['export', '--sample', '--to', 'file.txt/below'], line: /--to file\.txt\/below: .*file\.txt/ },
  { args: ['verify'], line: /missing required argument 'SOURCE'/ },
  { args: ['verify', 'ftp://x'], line: /ftp:\/\/ is not supported/ },
  { args: ['verify', '.', '--stack', 'x'], line: /expected SOURCE or --stack, got both, \. and x; give one/ },
  {
    args: ['prune', '.', '--stack', 'a b'],
    line: /--stack.*Expected the name of a stack like dtm-exporter-prod, got a b\.$/,
  },
  {
    args: ['withdraw', '.', '2026-11-24.1', '--stack', 'x', '--reason', 'x'],
    line: /expected DEST or --stack, got both, \. and x; give one of them$/,
  },
  { args: ['withdraw', '--stack', 'x', '--reason', 'x'], line: /missing required argument 'RELEASE'$/ },
  {
    args: ['withdraw', '.', '--stack', 'x', '--reason', 'x'],
    line: /'RELEASE'. Expected a release id.*got \.\.$/,
  },
  { args: ['repoint'], line: /required option '--stack <NAME>' not specified$/ },
  {
    args: ['status', '--stack', 'dtm-exporter-prod'],
    env: { AWS_CONFIG_FILE: '/dev/null' },
    line: /^dtm-exporter: --stack dtm-exporter-prod: it cannot be read in no region .*set AWS_REGION, and credentials/,
  },
  { args: ['watch', '.'], line: /required option '--exec <COMMAND>' not specified$/ },
  { args: ['watch', '--exec', 'x'], line: /missing required argument 'SOURCE'/ },
  { args: ['watch', '.', '--exec', ' '], line: /--exec.*Expected a command for the shell, got nothing\.$/ },
  { args: ['watch', 'ftp://x', '--exec', 'x'], line: /ftp:\/\/ is not supported/ },
  { args: ['watch', 'http://example.org', '--exec', 'x'], line: /use an https:\/\/ address/ },
  ...['5s', '8d', '1', '1.5h', '-1h', '1w', '0h'].map((every) => ({
    args: ['watch', '.', '--exec', 'x', `--every=${every}`],
    line: new RegExp(`--every.*Expected a time from 10s to 7d, such as 30s, 15m, 1h or 1d, got ${every}\\.$`),
  })),
  { args: ['watch', '.', '--exec', 'x', '--countries', 'haiti'], line: /--countries.*got haiti\.$/ },
  {
    args: ['watch', '.', '--exec', 'x', '--once', '--every', '1h'],
    line: /'--once' cannot be used with option '--every <TIME>'$/,
  },
  {
    args: ['watch', '.', '--exec', 'x', '--state', 'file.txt/state.json'],
    line: /state\.json: the watcher's state cannot be kept there \((ENOTDIR|EEXIST)\); give a file/,
  },
  { args: ['status', 'nothing-here'], line: /nothing-here: no release is published here/ },
  { args: ['diff', '.'], line: /missing required argument 'FROM'/ },
  {
    args: ['diff', '.', 'yesterday'],
    line: /'FROM'. Expected a release id like 2026-11-24\.1 or a day like 2026-11-24, got yesterday\.$/,
  },
  { args: ['diff', '.', '2026-02-30'], line: /'FROM'. Expected a release id .*got 2026-02-30\.$/ },
  {
    args: ['diff', '.', '2026-11-24', '--tables', 'snapshots'],
    line: /--tables.*Expected tables of admin0, admin1, admin2 separated by commas, got snapshots\.$/,
  },
  {
    args: ['diff', '.', '2026-11-24', '--csv', ''],
    line: /--csv.*Expected the name of a file, or -, got nothing\.$/,
  },
  {
    args: ['diff', '.', '2026-11-24', '--csv', '.'],
    line: /--csv \.: it is a folder; give the name of a file/,
  },
  {
    args: ['diff', '.', '2026-11-24', '--csv', 'none/x.csv'],
    line: /--csv none\/x\.csv: it cannot be written \(ENOENT\); give the name of a file in a folder that exists$/,
  },
  {
    args: ['diff', '.', '2026-11-24', '--json', '--csv', '-'],
    line: /expected --json or --csv -, got both; stdout holds one of them, so name a file$/,
  },
  { args: ['diff', 'nothing-here', '2026-11-24'], line: /nothing-here: no release is published here$/ },
  { args: ['diff', 'ftp://x', '2026-11-24'], line: /ftp:\/\/ is not supported/ },
  { args: ['history', '.'], line: /required option '--country <CODE>' not specified$/ },
  { args: ['history', '.', '--country', 'Sudan'], line: /--country.*Expected a three-letter.*got Sudan\.$/ },
  {
    args: ['history', '.', '--country', 'SDN', '--level', '3'],
    line: /--level.*Expected a level 0, 1 or 2, got 3\.$/,
  },
  {
    args: ['history', '.', '--country', 'SDN', '--date', 'May'],
    line: /--date.*Expected a day like 2026-06-30, got May\.$/,
  },
  {
    args: ['history', '.', '--country', 'SDN', '--round', 'x'],
    line: /--round.*whole number of at least 0, got x\.$/,
  },
  { args: ['history', 'nothing-here', '--country', 'SDN'], line: /no release is published here$/ },
  { args: ['serve', '.', '--port', '99999'], line: /--port.*from 0 to 65535, got 99999/ },
  { args: ['simulate', '--fault', '600'], line: /600/ },
  { args: ['simulate', '--hna-key', ''], line: /--hna-key.*Expected a key of letters, .*got nothing\.$/ },
  {
    args: ['simulate', '--key', 'a b'],
    line: /--key.*Expected a key of letters, digits and signs.*got a b\.$/,
  },
  {
    args: ['simulate', '--key', 'k', '--hna-key', 'k'],
    line: /expected --key and --hna-key to differ, got the same key for both/,
  },
  { args: ['simulate', '--answers', 'nothing-here'], line: /nothing-here/ },
];

test('bad input is named in one line with exit status 2, and no file is written', async (t) => {
  for (const { args, env = {}, line } of CASES) {
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    await t.test(`bad input: ${[...variables, ...args].join(' ')}`, async (t2) => {
      const cwd = await temporaryFolder(t2);
      await writeFile(join(cwd, 'file.txt'), '');
      const ran = await runInThisProcess(args, { cwd, env });
      assert.equal(ran.exit, 2, ran.stderr);
      assert.equal(ran.stdout, '');
      assert.equal(ran.stderr.trimEnd().split('\n').length, 1, ran.stderr);
      assert.match(ran.stderr.trimEnd(), line);
      assert.deepEqual(await readdir(cwd), ['file.txt']);
    });
  }
});

test('export exits with 1 and one line if the API refuses or cannot be reached', async (t) => {
  const cwd = await temporaryFolder(t);
  const { url } = await simulator(t);
  const dead = await simulator(t);
  await dead.close();
  const redirecting = await simulator(t, { faults: ['redirect'] });
  const firewall = await simulator(t, { faults: ['firewall'] });
  const cases: [Record<string, string>, RegExp][] = [
    [{ DTMAPI_SUBSCRIPTION_KEY: 'wrong-key', DTMAPI_URL: url }, /countries: .*key.*401|401.*key/],
    [
      { ...KEY, DTMAPI_URL: dead.url },
      /countries: no answer \(ECONNREFUSED.*check the network and the base URL/,
    ],
    [{ ...KEY, DTMAPI_URL: redirecting.url }, /redirect/i],
    [{ ...KEY, DTMAPI_URL: firewall.url }, /firewall/i],
    [{ ...KEY, DTMAPI_URL: `${url}/elsewhere` }, /404/],
  ];
  for (const [env, line] of cases) {
    const ran = await runInThisProcess(['export', '--retry-delay', '0', '--json'], { cwd, env });
    assert.equal(ran.exit, 1, ran.stderr);
    assert.equal(ran.stderr.trimEnd().split('\n').length, 1, ran.stderr);
    assert.match(ran.stderr, line);
    const { outcome, reason, release } = JSON.parse(ran.stdout);
    assert.deepEqual([outcome, release], ['failed', null]);
    assert.ok(ran.stderr.includes(reason));
    assert.ok(!(ran.stdout + ran.stderr).includes('wrong-key'));
  }
});

test('commands have --help with an example, and --version prints the version', async () => {
  for (const command of ['export', 'verify', 'status', 'diff', 'history', 'serve', 'simulate']) {
    const { exit, stdout } = await runInThisProcess([command, '--help']);
    assert.equal(exit, 0);
    assert.match(stdout, new RegExp(`Example:\\n {2}\\$ dtm-exporter ${command} `));
  }
  const { exit, stdout } = await runInChildProcess(['--version']);
  assert.deepEqual(
    [exit, stdout.trim()],
    [
      0,
      JSON.parse(await (await import('node:fs/promises')).readFile(join(ROOT, 'package.json'), 'utf8'))
        .version,
    ],
  );
});
