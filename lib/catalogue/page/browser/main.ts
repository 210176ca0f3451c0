// The page's main script. Everything that it adds is also in the HTML, as tables and links, so the page works without it.
import type { PageData } from '../charts/page-data.ts';
import { startCountry } from './country/start.ts';
import { requireElement } from './elements/element.ts';
import { makeSortable } from './elements/sortable.ts';
import { startAges } from './freshness/ages.ts';
import { startOverview } from './freshness/overview.ts';
import { localise } from './locale.ts';
import { startSince } from './since/start.ts';
import { startSnippets } from './snippets.ts';
import { startLastCheck } from './status/last-check.ts';
import { watchForNewRelease } from './status/newer-release.ts';
import { startReader } from './viewer/start.ts';
import { startWorld } from './world/start.ts';

const data = JSON.parse(requireElement('#page-data').textContent ?? '') as PageData;

localise(document);
const operations = startAges();
makeSortable(document);
startWorld(data, operations);
startSnippets(data.publicUrl);
startCountry(data);
startOverview(data, operations);
startReader(data);
startSince(data);
startLastCheck();
watchForNewRelease(data.release);
document.documentElement.dataset.ready = '';
