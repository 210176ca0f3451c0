// The page's main script. Everything that it adds is also in the HTML, as tables and links, so the page works without it.
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
const operations = startAges();
makeSortable(document);
startSnippets(data.publicUrl);
startCountry(data);
startOverview(data, operations);
startReader(data);
startLastCheck();
watchForNewRelease(data.release);
document.documentElement.dataset.ready = '';
