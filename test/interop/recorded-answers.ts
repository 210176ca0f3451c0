// Finds the recorded answers. They are outside the repository, because their figures must not be copied into it.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { API_VERSIONS, type ApiVersion } from '../../lib/dtm/endpoints.ts';

/** The repository's folder. */
export const ROOT = resolve(import.meta.dirname, '../..');

const folder = resolve(ROOT, process.env.DTM_RECORDED ?? '../shared/recorded');

/** Folder of the recorded answers of a version. */
export const recordedAnswers = (version: ApiVersion): string => join(folder, version);

/** API versions with recorded answers. */
export const RECORDED_VERSIONS = API_VERSIONS.filter((version) => existsSync(recordedAnswers(version)));

/** Message of the first suite if there are no recorded answers. */
export const NOT_RECORDED = 'no recorded answers (DTM_RECORDED): only the synthetic world is compared';
