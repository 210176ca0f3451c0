// Code that must not compile. `tsc` is the test: it fails if an expected type error does not occur.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Admin0Row, Admin2Row, RowOf } from '../../lib/dtm/answers/row-structs.ts';
import { DTMApi } from '../../lib/dtm/client.ts';
import { DTMHnaApi } from '../../lib/dtm/hna/client.ts';
import type { HnaScalar } from '../../lib/dtm/hna/records.ts';

const v3 = new DTMApi({ subscriptionKey: 'types-only' });
const v2 = new DTMApi({ subscriptionKey: 'types-only', apiVersion: 'v2' });

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assertEqualTypes = <T extends true>(): T | undefined => undefined;

/** Never called: only its types are checked. */
export async function compiled(): Promise<unknown[]> {
  // @ts-expect-error a level-1 parameter at level 0
  await v3.getIdpAdmin0Data({ admin0Pcode: 'NWL', admin1Pcode: 'NW01' });
  // @ts-expect-error a level-2 parameter at level 0
  await v3.getIdpAdmin0Data({ admin0Pcode: 'NWL', admin2Pcode: 'NW0101' });
  // @ts-expect-error a level-2 parameter at level 1
  await v3.getIdpAdmin1Data({ admin0Pcode: 'NWL', admin2Name: 'Port' });
  // @ts-expect-error the same through ask
  await v3.ask('admin0', { admin0Pcode: 'NWL', admin2Name: 'Port' });
  // @ts-expect-error the lists take no parameters
  await v3.ask('countries', { admin0Pcode: 'NWL' });
  // @ts-expect-error no such endpoint
  await v3.ask('admin3', { admin0Pcode: 'NWL' });
  // @ts-expect-error rounds are numbers
  await v3.getIdpAdmin0Data({ admin0Pcode: 'NWL', fromRoundNumber: '1' });
  // @ts-expect-error there is no such version
  new DTMApi({ subscriptionKey: 'types-only', apiVersion: 'v4' });
  const [old] = await v2.getIdpAdmin2Data({ admin0Pcode: 'NWL' });
  // @ts-expect-error v2 has no reason
  const reason = old?.displacementReason;
  // @ts-expect-error v2 has no sex
  const males = old?.numberMales;
  // @ts-expect-error v2 has no origin
  const origin = old?.idpOriginAdmin1Pcode;
  // @ts-expect-error rows of admin0 have no admin1
  const area = (await v3.getIdpAdmin0Data({ admin0Pcode: 'NWL' }))[0]?.admin1Name;
  return [reason, males, origin, area];
}

const hna = new DTMHnaApi({ subscriptionKey: 'types-only' });
const assessment = { admin0Pcode: 'NWL', year: 2023 };

/** Never called: only its types are checked. */
export async function compiledHna(): Promise<unknown[]> {
  // @ts-expect-error the year is required
  await hna.getHnaAdmin2Data({ admin0Pcode: 'NWL' });
  // @ts-expect-error all pages take no page
  await hna.getAllHnaAdmin2Data({ ...assessment, page: 2 });
  // @ts-expect-error there is no such version
  new DTMHnaApi({ subscriptionKey: 'types-only', apiVersion: 'v3' });
  const bytes: Uint8Array = await hna.downloadHnaData(assessment);
  const path: string = await hna.downloadHnaData(assessment, { filePath: '.' });
  const value: HnaScalar | undefined = (await hna.getHnaAdmin2Data(assessment)).rows[0]?.column;
  return [bytes, path, value];
}

assertEqualTypes<Equal<Admin2Row['numPresentIdpInd'], number | null>>();
assertEqualTypes<Equal<Admin2Row['reportingDate'], string>>();
assertEqualTypes<Equal<Admin2Row['admin2Name'], string | null | undefined>>();
assertEqualTypes<Equal<Admin0Row['id'], number | null | undefined>>();
assertEqualTypes<Equal<RowOf<'v2', 'admin0'>['id'], number | null>>();
assertEqualTypes<Equal<Awaited<ReturnType<typeof v3.getIdpAdmin2Data>>, Admin2Row[]>>();
assertEqualTypes<Equal<(typeof v2)['apiVersion'], 'v2'>>();

test('clients of v2 and v3 have the type DTMApi', () => {
  const clients: DTMApi<'v2' | 'v3'>[] = [v3, v2];
  assert.deepEqual(
    clients.map((api) => api.apiVersion),
    ['v3', 'v2'],
  );
});
