// What the page runs at first sight. Everything that it adds is on the page without it too, as tables and links.

import { startCountry } from './country/start.ts';
import { requireElement } from './elements/element.ts';
import { makeSortable } from './elements/sortable.ts';
import { startAges } from './freshness/ages.ts';
import { startOverview } from './freshness/overview.ts';
import type { PageData } from './load.ts';
import { localise } from './locale.ts';
import { startReader } from './reader.ts';
import { startSnippets } from './snippets.ts';
import { startLastCheck } from './status/last-check.ts';
import { watchForNewRelease } from './status/newer-release.ts';

const data = JSON.parse(requireElement('#page-data').textContent ?? '') as PageData;

localise(document);
const aged = startAges();
makeSortable(document);
startSnippets(data.publicUrl);
startCountry(data);
startOverview(data, aged);
startReader(data);
startLastCheck();
watchForNewRelease(data.release);
document.documentElement.dataset.ready = '';
