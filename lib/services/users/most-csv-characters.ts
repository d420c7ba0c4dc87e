/** As much as the portal takes at once (lib/http/portal-bodies.ts), also if every character is two bytes. */
export const MOST_CSV_CHARACTERS = 120_000;
