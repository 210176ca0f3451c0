// What the page runs at first sight. Everything that it adds is on the page without it too, as tables and links.
import { startAges } from './ages.ts';
import { startCountry } from './country/start.ts';
import { need } from './element.ts';
import { startLastCheck } from './lastcheck.ts';
import type { PageData } from './load.ts';
import { localise } from './locale.ts';
import { watchForNewer } from './newer.ts';
import { startOverview } from './overview.ts';
import { startReader } from './reader.ts';
import { startSnippets } from './snippets.ts';
import { makeSortable } from './sortable.ts';

const data = JSON.parse(need('#page-data').textContent ?? '') as PageData;

localise(document);
const aged = startAges();
makeSortable(document);
startSnippets(data.publicUrl);
startCountry(data);
startOverview(data, aged);
startReader(data);
startLastCheck();
watchForNewer(data.release);
document.documentElement.dataset.ready = '';
