// What does not compile. The type checker is the test: an error that is no longer one fails it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Admin0Row, Admin2Row, RowOf } from '../../lib/dtm/answers/row-structs.ts';
import { DTMApi } from '../../lib/dtm/client.ts';

const v3 = new DTMApi({ subscriptionKey: 'types-only' });
const v2 = new DTMApi({ subscriptionKey: 'types-only', apiVersion: 'v2' });

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <T extends true>(): T | undefined => undefined;

/** Never called: only its types count. */
export async function compiled(): Promise<unknown[]> {
  // @ts-expect-error a level-1 parameter at level 0
  await v3.getIdpAdmin0Data({ admin0Pcode: 'NWL', admin1Pcode: 'NW01' });
  // @ts-expect-error a level-2 parameter at level 0
  await v3.getIdpAdmin0Data({ admin0Pcode: 'NWL', admin2Pcode: 'NW0101' });
  // @ts-expect-error a level-2 parameter at level 1
  await v3.getIdpAdmin1Data({ admin0Pcode: 'NWL', admin2Name: 'Port' });
  // @ts-expect-error the same through the lower call
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

same<Equal<Admin2Row['numPresentIdpInd'], number | null>>();
same<Equal<Admin2Row['reportingDate'], string>>();
same<Equal<Admin2Row['admin2Name'], string | null | undefined>>();
same<Equal<Admin0Row['id'], number | null | undefined>>();
same<Equal<RowOf<'v2', 'admin0'>['id'], number | null>>();
same<Equal<Awaited<ReturnType<typeof v3.getIdpAdmin2Data>>, Admin2Row[]>>();
same<Equal<(typeof v2)['apiVersion'], 'v2'>>();

test('a client of either version is a client', () => {
  const clients: DTMApi<'v2' | 'v3'>[] = [v3, v2];
  assert.deepEqual(
    clients.map((api) => api.apiVersion),
    ['v3', 'v2'],
  );
});
