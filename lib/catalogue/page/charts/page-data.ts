// What the page's HTML tells its scripts. Shared by the page's HTML and its scripts.

/** The data block of the page. */
export interface PageData {
  readonly release: string | null;
  /** Day on which the release was published, `2026-11-24`; null without a release. */
  readonly day: string | null;
  readonly pictures: Readonly<Record<string, string>>;
  /** Texts of which HTML cannot hold every character, as the files have them, by row of the table of freshness. */
  readonly exactTexts: Readonly<
    Record<number, { readonly name: string; readonly operation: string; readonly assessment_type: string }>
  >;
  readonly since: string | null;
  readonly charts: string;
  readonly country: string;
  readonly map: string;
  readonly viewer: string;
  readonly publicUrl: string | null;
  /** Credit line and licence of the release; null without a release. */
  readonly credit: string | null;
  readonly licence: string | null;
  /** True if the figures are invented. */
  readonly synthetic: boolean;
}
