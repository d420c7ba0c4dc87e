/**
 * The most bytes that a page takes, for its server actions: Next decodes what they receive before it runs them, so
 * before anyone's role is judged, and a megabyte of empty lists takes a tenth of a second. The largest form, an API key
 * with 200 models, 200 addresses, 50 tags and 50 pairs of metadata, sends 160 KB. `bodySizeLimit` in next.config.ts is the same.
 */
export const MOST_PAGE_BYTES = 256 * 1024;

/** The same before sign-in; far more than a sign-in needs. */
export const MOST_SIGN_IN_BYTES = 16 * 1024;

/**
 * The most bytes that a body may have before the portal reads it.
 * @param path of a request's URL, as sent
 * @returns infinity for the Admin API, which judges the role and then the size itself
 */
export function mostPortalBytes(path: string): number {
  if (path.startsWith("/api/admin/")) return Number.POSITIVE_INFINITY;
  return /^\/(sign-in|invite|forgot-password|reset-password|api\/auth)\b/.test(path)
    ? MOST_SIGN_IN_BYTES
    : MOST_PAGE_BYTES;
}
